namespace Sparkish.Backend;

/// <summary>The source of the order in which executors are offered tasks, except in tests.</summary>
internal static class SchedulingRandom
{
#pragma warning disable RS0030 // the only place that creates it; endpoints receive it
    public static Random New() => new();
#pragma warning restore RS0030
}
