using System.Runtime.InteropServices;

namespace Sparkish.Akka.Persistence.Plugins;

/// <summary>Where a snapshot is, and how to recognize it.</summary>
/// <param name="Number">Its number in the snapshot store, never used twice.</param>
/// <param name="Sequence">The last event that went into it.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Checksum">Its checksum.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct SnapshotReference(long Number, long Sequence, int Length, uint Checksum);
