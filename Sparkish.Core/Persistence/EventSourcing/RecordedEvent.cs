using System.Runtime.InteropServices;

namespace Sparkish.Persistence.EventSourcing;

/// <summary>An event as it was read from a journal.</summary>
/// <param name="Sequence">Its number in the journal.</param>
/// <param name="Epoch">The term under which it was appended.</param>
/// <param name="Event">The event.</param>
/// <typeparam name="TEvent">The base type of all events.</typeparam>
[StructLayout(LayoutKind.Auto)]
public readonly record struct RecordedEvent<TEvent>(long Sequence, long Epoch, TEvent Event) where TEvent : notnull;
