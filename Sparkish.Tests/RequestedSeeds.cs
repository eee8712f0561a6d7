namespace Sparkish.Tests;

/// <summary>The number of seeds that a run tries: what <c>SPARKISH_SEEDS</c> says, for a night or for a quick look, or the usual number of the test.</summary>
internal static class RequestedSeeds
{
    public static int Or(int usual) => RequestedNumber.Of("SPARKISH_SEEDS", usual);
}
