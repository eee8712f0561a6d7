using System.Runtime.InteropServices;

namespace Sparkish.Persistence;

/// <summary>The state after all events up to a given one.</summary>
/// <param name="Sequence">The number of the last event that went into it.</param>
/// <param name="Payload">Its bytes, opaque to a journal.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct JournalSnapshot(long Sequence, ReadOnlyMemory<byte> Payload);
