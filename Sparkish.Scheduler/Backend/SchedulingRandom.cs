namespace Sparkish.Backend;

/// <summary>Where the order in which executors are offered tasks comes from, outside of tests.</summary>
internal static class SchedulingRandom
{
#pragma warning disable RS0030 // the one place where it is made; endpoints are given it
    public static Random New() => new();
#pragma warning restore RS0030
}
