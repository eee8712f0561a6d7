#pragma warning disable MA0048 // events and their queue belong together
namespace Sparkish.Simulation;

/// <summary>Something that happens at a moment of virtual time.</summary>
internal abstract class SimulationEvent
{
    /// <summary>The time, in ticks since the start.</summary>
    public long Time { get; set; }

    /// <summary>Its position among the events of one moment.</summary>
    public long Order { get; set; }

    /// <summary>Whether it will not happen after all.</summary>
    public bool IsCancelled { get; set; }

    /// <summary>The process in which it happens: not when that is dead, later when it is paused. Null is the world outside of all processes.</summary>
    public virtual SimulatedProcess? Process => null;

    /// <summary>Whether it keeps its process busy.</summary>
    public virtual bool IsWork => false;

    /// <summary>Runs the event.</summary>
    public abstract void Run();
}

/// <summary>An event that is an action.</summary>
internal sealed class ActionEvent(SimulatedProcess? process, Action action) : SimulationEvent
{
    public override SimulatedProcess? Process => process;

    public override void Run() => action();
}

/// <summary>The pending events, in the order of time and, within a moment, of their scheduling.</summary>
internal sealed class EventQueue
{
    private readonly PriorityQueue<SimulationEvent, (long Time, long Order)> _events = new();
    private long _lastOrder;

    /// <summary>Plans an event.</summary>
    public void Add(SimulationEvent item, long time)
    {
        item.Time = time;
        item.Order = ++_lastOrder;
        _events.Enqueue(item, (time, item.Order));
    }

    /// <summary>Postpones an event; its position among the events of one moment stays.</summary>
    public void PutOff(SimulationEvent item, long time)
    {
        item.Time = time;
        _events.Enqueue(item, (time, item.Order));
    }

    /// <summary>When the next event is; null when nothing is left to happen.</summary>
    public long? NextTime
    {
        get
        {
            while (_events.TryPeek(out var item, out _) && item.IsCancelled) _events.Dequeue();
            return _events.TryPeek(out var next, out _) ? next.Time : null;
        }
    }

    /// <summary>Takes the next event.</summary>
    public SimulationEvent? TryTake()
    {
        while (_events.TryDequeue(out var item, out _))
        {
            if (!item.IsCancelled) return item;
        }

        return null;
    }
}
