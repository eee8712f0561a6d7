using System.Runtime.InteropServices;

namespace Sparkish.Persistence;

/// <summary>An event as a journal keeps it.</summary>
/// <param name="Sequence">Its number: 1 for the first event of a journal, then one more each, without gaps.</param>
/// <param name="Epoch">The term under which it was appended; never smaller than that of the event before.</param>
/// <param name="Payload">Its bytes, which a journal does not look into.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JournalEntry(long Sequence, long Epoch, ReadOnlyMemory<byte> Payload);
