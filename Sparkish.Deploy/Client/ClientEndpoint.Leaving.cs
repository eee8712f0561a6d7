using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <content>
/// Unregisters the application. While no master answers, it waits a while for the next leader: that one would otherwise wait for this application.
/// </content>
internal sealed partial class ClientEndpoint
{
    private RpcCallContext _stopCall;

    private void OnStopAppClient(RpcCallContext call)
    {
        var wasRegistered = _phase == Phase.Registered;
        _phase = Phase.Leaving;
        _stopCall = call;
        _unreachable.Clear();
        _repeats?.Dispose();
        if (!wasRegistered)
        {
            Leave();
            return;
        }

        Schedule(options.LeaveTimeout, new LeaveTimedOut());
        AskToUnregister();
    }

    private void OnMasterChangedWhileLeaving(MasterChanged m)
    {
        var followed = _master;
        OnMasterChanged(m);
        if (!Equals(followed, _master)) AskToUnregister();
    }

    private void AskToUnregister()
    {
        var master = _master!;
        PipeToSelf(master.AskAsync<bool>(new UnregisterApplication(_app)), _ => new Unregistered(master), error => new Unregistered(master, error));
    }

    private void OnUnregistered(Unregistered m)
    {
        if (m.Error is null)
        {
            Leave();
            return;
        }

        if (!Equals(m.Master, _master)) return; // the next leader was asked meanwhile
        _log.NotUnregistered(m.Error.Message);
        OnUnreachableWhileLeaving(m.Master.Address);
    }

    private void OnUnreachableWhileLeaving(RpcAddress master)
    {
        if (!options.Masters.Contains(master)) return;
        _unreachable.Add(master);
        if (_unreachable.Count >= options.Masters.Distinct().Count()) Leave();
    }

    private void OnLeaveTimedOut()
    {
        _log.NotUnregistered("no master answered in time");
        Leave();
    }

    private void Leave()
    {
        _phase = Phase.Ended;
        _stopCall.Reply(true);
        Stop();
    }

    private sealed record LeaveTimedOut;

    private sealed record Unregistered(RpcEndpointRef Master, Exception? Error = null);
}
