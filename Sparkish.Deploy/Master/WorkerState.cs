namespace Sparkish.Deploy.Master;

/// <summary>The states of a worker. One that is lost is forgotten.</summary>
internal enum WorkerState
{
    Alive,

    /// <summary>Alive, but without new work.</summary>
    Decommissioned,

    /// <summary>A new leader has read it from the journal, and has not heard from it yet.</summary>
    Unknown,
}
