namespace Sparkish.Deploy.Master;

/// <summary>The states of a worker.</summary>
internal enum WorkerState
{
    Alive,

    /// <summary>Alive, but without new work.</summary>
    Decommissioned,

    /// <summary>A new leader has read it from the journal, and has not heard from it yet.</summary>
    Unknown,

    /// <summary>Removed. It is reported for a while, and runs nothing as far as the master is concerned.</summary>
    Dead,
}
