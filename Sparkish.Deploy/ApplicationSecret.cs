using Sparkish.Configuration;
using Sparkish.Security;

namespace Sparkish.Deploy;

/// <summary>
/// The random secret that the driver and the executors of one application prove to each other. The master creates it, and sends it to the driver and to the
/// workers that launch its executors. Its text form does not reveal it.
/// </summary>
internal sealed record ApplicationSecret(byte[] Value)
{
    /// <summary>Creates a secret.</summary>
    public static ApplicationSecret New() => new(SharedSecret.NewBytes());

    /// <inheritdoc/>
    public override string ToString() => Redaction.Replacement;
}
