namespace Sparkish.Deploy.Worker;

/// <content>Takes no new work once it is decommissioned, and leaves the cluster when nothing runs on it any more.</content>
internal sealed partial class Worker
{
    private bool _isDecommissioned;

    // The master orders it, or knows now that this worker is decommissioned.
    private void OnDecommissionWorker(Registered phase)
    {
        phase.KnowsOfDecommission = true;
        Decommission();
    }

    private void OnDecommissionRequested()
    {
        if (!_isDecommissioned) (_phase as Registered)?.Master.Send(new WorkerDecommissioning(_id, Self));
        Decommission();
    }

    private void Decommission()
    {
        if (!_isDecommissioned) _log.Decommissioned(_executors.Count, _drivers.Count);
        _isDecommissioned = true;
        LeaveIfDone();
    }

    /// <summary>
    /// Ends the worker if nothing runs, the master has accepted all reports, and it sends no further order. Without a master there is nothing to wait for but
    /// the reports.
    /// </summary>
    private void LeaveIfDone()
    {
        if (!_isDecommissioned || _executors.Count + _drivers.Count + _unreported.Count > 0) return;
        if (_phase is Ended or Registered { KnowsOfDecommission: false }) return;
        EnterPhase(new Ended());
        _log.LeftAfterDecommission();
        OnDecommissioned();
        Stop();
    }

    /// <summary>Sent by the process itself: an operator wants this worker to leave once its work is done.</summary>
    internal sealed record DecommissionRequested;
}
