namespace Sparkish.Benchmarks.Rpc.Bare;

/// <summary>What a bare connection is for: the first byte that the client sends.</summary>
internal enum BareMode : byte
{
    /// <summary>Each record comes back; what one read has brought is answered in one write.</summary>
    Echo = 1,

    /// <summary>Records are counted up to an empty one, which is answered by their number.</summary>
    Count = 2,

    /// <summary>Eight bytes with a length are answered by that many bytes from memory, again and again.</summary>
    Memory = 3,

    /// <summary>The same from a file.</summary>
    File = 4,
}
