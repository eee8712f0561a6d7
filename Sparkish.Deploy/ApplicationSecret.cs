using Sparkish.Configuration;
using Sparkish.Security;

namespace Sparkish.Deploy;

/// <summary>
/// What the driver and the executors of one application prove to each other: random, made by the master, and told to the driver and to the workers that
/// launch its executors. Not among its text, whatever holds it.
/// </summary>
internal sealed record ApplicationSecret(byte[] Value)
{
    /// <summary>Makes one.</summary>
    public static ApplicationSecret New() => new(SharedSecret.NewBytes());

    /// <inheritdoc/>
    public override string ToString() => Redaction.Replacement;
}
