using System.Globalization;

namespace Sparkish.Tests;

/// <summary>The number of seeds that a run tries: what <c>SPARKISH_SEEDS</c> says, for a night or for a quick look, or the usual number of the test.</summary>
internal static class RequestedSeeds
{
    public static int Or(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("SPARKISH_SEEDS"), CultureInfo.InvariantCulture, out var given) ? given : usual;
}
