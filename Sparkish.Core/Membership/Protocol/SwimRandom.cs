namespace Sparkish.Membership.Protocol;

/// <summary>Randomness as a value: SplitMix64.</summary>
internal readonly record struct SwimRandom(ulong State)
{
    /// <summary>A number below a bound, and the randomness that is left.</summary>
    public (int Number, SwimRandom Left) Next(int bound)
    {
        var state = State + 0x9E3779B97F4A7C15;
        var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        z ^= z >> 31;
        return ((int)(((UInt128)z * (uint)bound) >> 64), new SwimRandom(state));
    }
}
