using System.Runtime.InteropServices;

namespace Sparkish.Persistence;

/// <summary>A stored event of a journal.</summary>
/// <param name="Sequence">Its number: 1 for the first event of a journal, then incremented without gaps.</param>
/// <param name="Epoch">The term under which it was appended; never smaller than that of the event before.</param>
/// <param name="Payload">Its bytes, opaque to a journal.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JournalEntry(long Sequence, long Epoch, ReadOnlyMemory<byte> Payload);
