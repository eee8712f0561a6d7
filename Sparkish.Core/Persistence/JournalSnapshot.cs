using System.Runtime.InteropServices;

namespace Sparkish.Persistence;

/// <summary>What all events up to one of them have led to.</summary>
/// <param name="Sequence">The number of the last event that went into it.</param>
/// <param name="Payload">Its bytes, which a journal does not look into.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JournalSnapshot(long Sequence, ReadOnlyMemory<byte> Payload);
