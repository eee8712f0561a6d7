using Sparkish.Rpc;

namespace Sparkish.Deploy.Client;

/// <content>Follows the leader of the masters. Without one, the application continues with its executors.</content>
internal sealed partial class ClientEndpoint
{
    // The executors that the masters have told of.
    private readonly HashSet<int> _executors = [];
    private IDisposable? _heartbeats;
    private ApplicationSecret? _secret;
    private MasterEpoch _epoch;
    private bool _isMasterLost;

    private void OnMasterLost(RpcAddress master)
    {
        if (!_isMasterLost)
        {
            _isMasterLost = true;
            _log.MasterLost(master);
            listener.MasterLost(master);
        }

        SendHeartbeats(); // the connection may be all that is lost
    }

    /// <summary>
    /// The application is in the journal of a new leader, but the reply of the leader that registered it was lost, and its secret with it. An executor that
    /// has that secret is refused by this driver, and replaced by the master.
    /// </summary>
    private void OnRegisteredByEarlierLeader(MasterChanged m, ApplicationId app)
    {
        if (Sender is { } peer && peer.Address != m.Master.Address)
        {
            OnForeignMessage(nameof(MasterChanged), peer);
            return;
        }

        OnRegisteredApplication(new RegisteredApplication(app, m.Master, ApplicationSecret.New()) { Epoch = m.Epoch });
        m.Master.Send(new MasterChangeAcknowledged(_app, _secret!, []));
    }

    private void OnMasterChanged(MasterChanged m)
    {
        if (Sender is { } peer && peer.Address != m.Master.Address)
        {
            OnForeignMessage(nameof(MasterChanged), peer);
            return;
        }

        if (!m.Epoch.IsSameOrLaterThan(_epoch))
        {
            if (_refusalLines.TryTake(Sender?.ToString(), out _)) _log.StaleMasterRefused(m.Master.Address, m.Epoch, _epoch);
            return;
        }

        (_master, _registeredBy, _epoch, _isMasterLost) = (m.Master, Sender, m.Epoch, false);
        _log.MasterFollowed(m.Master.Address, m.Epoch);
        m.Master.Send(new MasterChangeAcknowledged(_app, _secret!, [.. _executors]));
        listener.MasterFound(m.Master.Address);
    }

    private void SendHeartbeats()
    {
        // Without a master it asks for one as if it followed an earlier leader.
        var follows = _isMasterLost ? _epoch with { Term = 0 } : _epoch;
        foreach (var master in options.Masters) Env.RefTo(new RpcEndpointAddress(master, MasterName)).Send(new ApplicationHeartbeat(_app, Self, follows));
    }

    /// <summary>Passes an ask of the scheduler on; without a master the answer is false.</summary>
    private void AskMaster(object message, RpcCallContext call)
    {
        if (_phase != Phase.Registered || _isMasterLost)
        {
            call.Reply(false);
            return;
        }

        _ = ForwardAsync(_master!.AskAsync<bool>(message), call); // it answers the call in any case
    }

    private static async Task ForwardAsync(ValueTask<bool> asked, RpcCallContext call)
    {
        try
        {
            call.Reply(await asked.ConfigureAwait(false));
        }
        catch (SparkException error)
        {
            call.SendFailure(error);
        }
    }

    private sealed record HeartbeatDue;
}
