namespace Sparkish.Benchmarks.Peers.Comparing;

/// <summary>Kinds of loads.</summary>
internal enum LoadKind
{
    /// <summary>One thread tells one actor of its process.</summary>
    LocalTell,

    /// <summary>Loops ask one actor of their process.</summary>
    LocalAsk,

    /// <summary>One producer tells one actor of the other process.</summary>
    OneWay,

    /// <summary>Loops ask one actor of the other process.</summary>
    Ask,
}
