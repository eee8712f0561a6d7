using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Rpc;
using Sparkish.Validation;

namespace Sparkish.Deploy.Client;

/// <summary>Connects one application to the cluster's masters: registers it, reports changes of its executors, and unregisters it.</summary>
internal sealed partial class ClientEndpoint(ClientOptions options, ApplicationDescription description, IClientListener listener) : RpcEndpoint
{
    public const string EndpointName = "AppClient";
    private const string MasterName = "Master";

    private readonly HashSet<RpcAddress> _unreachable = [];

    // Peers that sent a master's messages and are not the application's master: one log line each until they disconnect.
    private readonly HashSet<RpcAddress> _strangers = [];
    private ILogger _log = NullLogger.Instance;
    private LineBudget _refusalLines = new(TimeProvider.System);
    private Phase _phase = Phase.Registering;
    private RpcEndpointRef? _master;
    private RpcPeer? _registeredBy;
    private ApplicationId _app;
    private int _attempts;
    private int _refusals;
    private IDisposable? _timer;
    private IDisposable? _repeats;

    private enum Phase
    {
        Registering,
        Registered,
        Leaving,
        Ended,
    }

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<ClientEndpoint>();
        _refusalLines = new LineBudget(Env.Time);
        _repeats = Env.ScheduleRepeatedly(options.RepeatInterval, options.RepeatInterval, Self, new RegistrationDue());
        TryRegister();
    }

    public override void Receive(object message)
    {
        switch (_phase, message)
        {
            case (_, IToClient m) when !IsFromMaster(m): OnForeignMessage(message.GetType().Name, Sender!); break;
            case (_, IToClient m) when DeployRules.ProblemOf(m) is { } problem: OnInvalid(m, problem); break;
            case (Phase.Registering, RegisteredApplication m): OnRegisteredApplication(m); break;
            case (Phase.Registering, RegistrationTimedOut m): OnRegistrationTimedOut(m); break;
            case (Phase.Registering, RegistrationRefused): BeginRegistration(); break;
            case (Phase.Registering, RegistrationDue): SendRegistration(); break;
            case (Phase.Registering, MasterChanged { App: { } app } m): OnRegisteredByEarlierLeader(m, app); break;
            case (Phase.Registered, MasterChanged m): OnMasterChanged(m); break;
            case (Phase.Registered or Phase.Leaving, HeartbeatDue): SendHeartbeats(); break;
            case (Phase.Registered, ExecutorAdded m): OnExecutorAdded(m); break;
            case (Phase.Registered, ExecutorUpdated m): OnExecutorUpdated(m); break;
            case (Phase.Registered, WorkerRemoved m): _log.WorkerGone(m.Worker, m.Message); break;
            case (Phase.Registering, ApplicationRemoved m): EndWith($"Master refused our application: {m.Message}"); break;
            case (Phase.Registered, ApplicationRemoved m): EndWith($"Master removed our application: {m.Message}"); break;
            case (Phase.Leaving, MasterChanged m): OnMasterChangedWhileLeaving(m); break;
            case (Phase.Leaving, Unregistered m): OnUnregistered(m); break;
            case (Phase.Leaving, ApplicationRemoved): Leave(); break;
            case (Phase.Leaving, LeaveTimedOut): OnLeaveTimedOut(); break;

            // Late messages: a second reply, a timer that had already fired, or reports about an application that has ended.
            case (_, IToClient or RegistrationTimedOut or RegistrationRefused or RegistrationDue or HeartbeatDue or Unregistered or LeaveTimedOut): break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case StopAppClient: OnStopAppClient(call); break;
            case RequestExecutors or KillExecutors when call.Peer is null: AskMaster(message, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    public override void OnNetworkError(Exception error, RpcAddress remote)
    {
        if (_phase == Phase.Leaving) OnUnreachableWhileLeaving(remote);
        if (_phase != Phase.Registering || !options.Masters.Contains(remote)) return;
        if (!_unreachable.Add(remote)) return;
        _log.MasterUnreachable(remote, error.Message);
        if (_unreachable.Count < options.Masters.Distinct().Count()) return;

        // A master that was started together with this application gets a moment to start; a missing one is reported soon.
        if (_refusals < options.RefusedPauses.Count)
        {
            Schedule(options.RefusedPauses[_refusals++], new RegistrationRefused());
            return;
        }

        EndWith(
            $"Cannot reach any master of {MasterUrl.Format(options.Masters)}: {error.Message.TrimEnd('.')}. Start one with 'sparkish master', or check host and port.");
    }

    public override void OnDisconnected(RpcAddress remote)
    {
        _strangers.Remove(remote);
        if (_phase != Phase.Registered || _master!.Address != remote) return;
        OnMasterLost(remote);
    }

    public override void OnStop()
    {
        _timer?.Dispose();
        _repeats?.Dispose();
        _heartbeats?.Dispose();
    }

    private void OnInvalid(IToClient message, string problem)
    {
        var peer = Sender?.ToString() ?? "this process";
        if (_refusalLines.TryTake(peer, out var leftOut)) _log.MessageRefused(message.GetType().Name, peer, problem, leftOut);
    }

    /// <summary>
    /// Whether a message comes from one of the application's masters, over a connection that this env dialled. After registration it comes from the leader that
    /// the application follows; another one may only announce that it leads now, or that it has removed the application. Without a peer it comes from this env
    /// itself.
    /// </summary>
    private bool IsFromMaster(IToClient message)
    {
        if (Sender is not { } peer) return true;
        if (peer.DialledAs is not { } dialled || !options.Masters.Contains(dialled)) return false;
        return _registeredBy?.IsSameEnvAs(peer) is not false || message is MasterChanged
            || (message is ApplicationRemoved m && m.Epoch.IsSameOrLaterThan(_epoch));
    }

    private void OnForeignMessage(string message, RpcPeer peer)
    {
        if (_strangers.Add(peer.Address)) _log.StrangersMessageIgnored(message, peer);
    }

    private void OnRegisteredApplication(RegisteredApplication m)
    {
        _timer?.Dispose();
        _repeats?.Dispose();
        _phase = Phase.Registered;
        (_app, _secret, _master, _registeredBy, _epoch) = (m.App, m.Secret, m.Master, Sender, m.Epoch);
        _heartbeats = Env.ScheduleRepeatedly(options.HeartbeatInterval, options.HeartbeatInterval, Self, new HeartbeatDue());
        _log.Registered(m.Master.Address, m.App);
        listener.Connected(m.App, m.Secret, m.Master.Address);
    }

    private void OnRegistrationTimedOut(RegistrationTimedOut m)
    {
        if (m.Attempt != _attempts) return;
        if (_attempts < ClientOptions.MaxAttempts) TryRegister();
        else EndWith($"All masters are unresponsive! Giving up. None of {MasterUrl.Format(options.Masters)} answered; check that it is a master and alive.");
    }

    private void OnExecutorAdded(ExecutorAdded m)
    {
        if (!_executors.Add(m.Executor)) return; // an earlier leader had said so
        _log.ExecutorAdded(new ExecutorKey(_app, m.Executor), m.HostPort, m.Cores, m.MemoryMiB);
        listener.ExecutorAdded(m.Executor);
    }

    private void OnExecutorUpdated(ExecutorUpdated m)
    {
        var key = new ExecutorKey(_app, m.Executor);
        if (m.State == ExecutorState.Decommissioned)
        {
            if (_executors.Contains(m.Executor)) listener.ExecutorDecommissioned(m.Executor, m.Message ?? "worker decommissioned");
            return;
        }

        if (!m.State.IsFinished())
        {
            if (m.Message is null) _log.ExecutorReported(key, m.State);
            else _log.ExecutorTroubled(key, m.Message);
            return;
        }

        if (!_executors.Remove(m.Executor)) return; // an earlier leader had said so
        _log.ExecutorEnded(key, m.State, m.Message);
        listener.ExecutorEnded(
            m.Executor, m.Message ?? string.Create(CultureInfo.InvariantCulture, $"Executor {key} is {m.State}"), m.ExitStatus, m.WorkerHost);
    }

    private void EndWith(string reason)
    {
        _timer?.Dispose();
        _repeats?.Dispose();
        _phase = Phase.Ended;
        listener.Dead(reason);
    }

    private void TryRegister()
    {
        _attempts++;
        _log.Registering(MasterUrl.Format(options.Masters), _attempts, ClientOptions.MaxAttempts);
        BeginRegistration();
    }

    private void BeginRegistration()
    {
        _unreachable.Clear();
        Schedule(options.RegistrationTimeout, new RegistrationTimedOut(_attempts));
        SendRegistration();
    }

    private void SendRegistration()
    {
        foreach (var master in options.Masters)
            Env.RefTo(new RpcEndpointAddress(master, MasterName)).Send(new RegisterApplication(description, Self));
    }

    private void Schedule(TimeSpan delay, object message)
    {
        _timer?.Dispose();
        _timer = Env.ScheduleOnce(delay, Self, message);
    }

    private sealed record RegistrationTimedOut(int Attempt);

    private sealed record RegistrationRefused;

    private sealed record RegistrationDue;
}

/// <summary>Asked by the backend when the application ends; answered once the cluster was notified, or is known to be gone.</summary>
internal sealed record StopAppClient;
