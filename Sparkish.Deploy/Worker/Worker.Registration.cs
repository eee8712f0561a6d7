using Sparkish.Rpc;

namespace Sparkish.Deploy.Worker;

/// <content>Registers with the masters, follows their leader, and reports that the worker lives.</content>
internal sealed partial class Worker
{
    private const string MasterName = "Master";

    // Peers that could not be reached since they were last connected.
    private readonly HashSet<RpcAddress> _unreachable = [];
    private IDisposable? _heartbeats;
    private MasterEpoch _epoch;

    /// <summary>
    /// Whether an earlier leader than the one that this worker follows has sent a message. A worker without a master also accepts a leader of another journal.
    /// </summary>
    private bool IsStale(IToWorker message) => message switch
    {
        RegisterWorkerFailed or MasterInStandby => false, // they are about this worker's own request
        RegisteredWorker or MasterChanged or ReconnectWorker => !message.Epoch.IsSameOrLaterThan(_epoch)
            && !(_phase is Registering && message.Epoch.Journal != _epoch.Journal),
        _ => message.Epoch != _epoch,
    };

    private void OnStaleCommand(IToWorker message)
    {
        if (_refusals.TryTake(Sender?.ToString(), out _)) _log.StaleCommandRefused(message.GetType().Name, message.Epoch, _epoch);
    }

    private void OnRegisteredWorker(RegisteredWorker m)
    {
        if (!Follow(m.Master, m.Epoch)) return;
        m.Master.Send(new WorkerLatestState(_id, Self, DescribeExecutors()) { Drivers = [.. _drivers.Keys], Inquiry = m.Inquiry });
    }

    private void OnMasterChanged(MasterChanged m)
    {
        if (!Follow(m.Master, m.Epoch)) return;
        m.Master.Send(new WorkerSchedulerStateResponse(_id, Self, DescribeExecutors(), [.. _drivers.Keys]) { Inquiry = m.Inquiry });
    }

    /// <summary>Follows a leader from now on, and tells it first what ended while there was none.</summary>
    private bool Follow(RpcEndpointRef master, MasterEpoch epoch)
    {
        if (Sender is { } peer && peer.Address != master.Address)
        {
            OnForeignCommand(nameof(MasterChanged), peer);
            return false;
        }

        _epoch = epoch;
        var phase = new Registered(master, Sender);
        EnterPhase(phase);
        keyring.AddMasters([master.Address.ToString()]); // it may have been dialled under another name
        _log.Registered(master.Address, epoch);
        foreach (var report in _unreported.ToList()) Sync(phase, report, attempt: 1);
        if (_isDecommissioned) master.Send(new WorkerDecommissioning(_id, Self));
        return true;
    }

    private void SendHeartbeats()
    {
        // Without a master it asks for one as if it followed an earlier leader.
        var follows = _phase is Registered ? _epoch : _epoch with { Term = 0 };
        foreach (var master in options.Masters) Env.RefTo(new RpcEndpointAddress(master, MasterName)).Send(new Heartbeat(_id, Self, follows));
    }

    private void StartRegistration()
    {
        var phase = new Registering();
        EnterPhase(phase);
        LeaveIfDone();
        if (_phase == phase) TryRegister(phase);
    }

    private void OnRegistrationDue(Registering phase)
    {
        if (phase.Attempts >= options.MaxRegistrationAttempts) GiveUp($"All masters are unresponsive! Giving up. ({MasterUrl.Format(options.Masters)})");
        else TryRegister(phase);
    }

    private void TryRegister(Registering phase)
    {
        phase.Attempts++;
        phase.Unreachable.Clear();
        _log.Registering(MasterUrl.Format(options.Masters), phase.Attempts, options.MaxRegistrationAttempts);
        foreach (var master in options.Masters)
        {
            Env.RefTo(new RpcEndpointAddress(master, MasterName)).Send(
                new RegisterWorker(_id, Self.Address.Host, Self.Address.Port, Self, options.Cores, options.MemoryMiB, master)
                {
                    RunsDrivers = drivers is not null,
                    Resources = options.Resources,
                    Executors = _executors.Count == 0
                        ? null
                        : [.. _executors.Select(e => new OccupiedByExecutor(e.Key.App, e.Key.Number, e.Value.Cores, e.Value.MemoryMiB, e.Value.Resources))],
                    Drivers = _drivers.Count == 0
                        ? null
                        : [.. _drivers.Select(d => new OccupiedByDriver(d.Key, d.Value.Cores, d.Value.MemoryMiB, d.Value.Resources))],
                });
        }

        var delay = RegistrationBackoff.DelayAfter(phase.Attempts, options.QuickRegistrationAttempts, options.MaxRegistrationAttempts, options.Jitter)
            ?? RegistrationBackoff.LastWait;
        phase.Timer?.Dispose();
        phase.Timer = Env.ScheduleOnce(delay, Self, new RegistrationDue(phase.Attempts));
    }

    private sealed record RegistrationDue(int Attempt);

    private sealed record HeartbeatDue;
}
