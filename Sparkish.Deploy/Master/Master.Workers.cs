using System.Collections.Immutable;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <content>Workers: their registration, what they run, and their end.</content>
internal sealed partial class Master
{
    // Of each worker, what it was asked last without an answer. An inquiry or its answer may get lost, so the answers to all of them count.
    private const int MaxInquiries = 64;

    private const string WorkerDecommissionedText = "worker decommissioned";

    private readonly Dictionary<WorkerId, Queue<WorkerInquiry>> _inquiries = [];
    private long _lastInquiry;

    private void OnRegisterWorker(MasterStep step, RegisterWorker m)
    {
        if (IsForAnother(m.Worker.Address, nameof(RegisterWorker))) return;
        if (step.State.Workers.TryGetValue(m.Id, out var known))
        {
            if (IsFrom(known.Peer, Sender))
            {
                OnRegisteredBefore(step, known, m);
                return;
            }

            if (known.Ref.Address != m.Worker.Address)
            {
                Command(step, m.Worker, new RegisterWorkerFailed($"the id {m.Id} belongs to the worker at {known.Ref.Address}"));
                return;
            }
        }

        if (step.State.Workers.Count >= DeployRules.MaxRegistered)
        {
            Command(step, m.Worker, new RegisterWorkerFailed($"this master has {step.State.Workers.Count} workers and accepts no more"));
            return;
        }

        var added = new WorkerAdded(m.Id, m.Worker, m.Host, m.Port, m.Cores, m.MemoryMiB)
        {
            Peer = RegisteredEnv.Of(Sender),
            Resources = m.Resources,
            RunsDrivers = m.RunsDrivers,
            Executors = m.Executors,
            Drivers = m.Drivers,
        };
        if (WorkerInfo.Of(added) is null)
        {
            Command(step, m.Worker, new RegisterWorkerFailed("it runs more than it offers"));
            return;
        }

        if (step.State.WorkerAt(m.Worker.Address) is { } old) RemoveWorker(step, old, "Worker replaced by a new worker with same address");
        step.Record(added);
        WorkerSigns.Heard(m.Id);
        step.Then(() => _log.WorkerRegistered(m.Id, m.Cores, m.MemoryMiB));
        Command(step, m.Worker, new RegisteredWorker(Self, m.MasterAddress, Duplicate: false) { Inquiry = Inquire(step, m.Id) });
        RequestSchedule(step);
    }

    // It lost its connection, or registers with a new leader before it has heard of it. What it runs goes on.
    private void OnRegisteredBefore(MasterStep step, WorkerInfo worker, RegisterWorker m)
    {
        WorkerSigns.Heard(worker.Id);
        if (worker.State == WorkerState.Unknown)
        {
            AnnounceTo(step, worker);
            return;
        }

        Command(step, m.Worker, new RegisteredWorker(Self, m.MasterAddress, Duplicate: true) { Inquiry = Inquire(step, worker.Id) });
    }

    private void OnHeartbeat(MasterStep step, Heartbeat m)
    {
        if (IsForAnother(m.Worker.Address, nameof(Heartbeat))) return;
        if (!step.State.Workers.TryGetValue(m.Id, out var worker))
        {
            Command(step, m.Worker, new ReconnectWorker(Url));
            return;
        }

        if (!IsFrom(worker.Peer, Sender))
        {
            // A process that was started again at this address within a second has the same id, and may be the one to stay.
            if (worker.Ref.Address == m.Worker.Address) Command(step, m.Worker, new ReconnectWorker(Url));
            return;
        }

        WorkerSigns.Heard(worker.Id);
        if (worker.State == WorkerState.Unknown || m.Epoch.IsOlderThan(EpochOf(step))) AnnounceTo(step, worker);
    }

    private void OnWorkerLatestState(MasterStep step, WorkerLatestState m)
    {
        if (FindWorker(step, m.Id, m.Worker, nameof(WorkerLatestState)) is { } worker) Reconcile(step, worker, m.Inquiry, m.Executors, m.Drivers ?? []);
    }

    /// <summary>The worker that a message is about, if it may send that.</summary>
    private WorkerInfo? FindWorker(MasterStep step, WorkerId id, RpcEndpointRef sender, string message)
    {
        if (IsForAnother(sender.Address, message)) return null;
        if (!step.State.Workers.TryGetValue(id, out var worker))
        {
            _log.UnknownWorkerReported(id);
            Command(step, sender, new ReconnectWorker(Url));
            return null;
        }

        if (IsFrom(worker.Peer, Sender))
        {
            WorkerSigns.Heard(worker.Id);
            return worker;
        }

        Refuse(Sender!, message);
        return null;
    }

    private long Inquire(MasterStep step, WorkerId id)
    {
        var worker = step.State.Workers[id];
        var inquiry = new WorkerInquiry(++_lastInquiry, worker.Executors, worker.Drivers);
        step.Then(() =>
        {
            if (!_inquiries.TryGetValue(id, out var pending)) _inquiries.Add(id, pending = []);
            if (pending.Count == MaxInquiries) pending.Dequeue();
            pending.Enqueue(inquiry);
        });
        return inquiry.Number;
    }

    /// <summary>Ends what a worker runs and nobody wants, and replaces what it was told to run and does not.</summary>
    private void Reconcile(MasterStep step, WorkerInfo worker, long inquiry, ExecutorDescription[] executors, DriverId[] drivers)
    {
        var running = executors.Select(executor => new ExecutorKey(executor.App, executor.Executor)).ToHashSet();
        foreach (var key in running.Where(key => step.State.FindExecutor(key)?.Worker != worker.Id && !IsFinishing(step.State, worker.Id, key)))
        {
            _log.UnknownExecutorReported(worker.Id, key);
            Command(step, worker.Ref, new KillExecutor(Url, key.App, key.Number));
        }

        foreach (var driver in drivers.Where(driver => step.State.Drivers.GetValueOrDefault(driver)?.Worker != worker.Id))
        {
            _log.UnknownDriverReported(worker.Id, driver);
            Command(step, worker.Ref, new KillDriver(driver));
        }

        // An order to end a driver may have got lost.
        foreach (var driver in drivers.Select(driver => step.State.Drivers.GetValueOrDefault(driver)))
        {
            if (driver is { IsKillRequested: true } && driver.Worker == worker.Id) Command(step, worker.Ref, new KillDriver(driver.Id));
        }

        // What was known when the worker was asked, and is not in the answer, does not run: orders that were sent later have arrived later.
        if (TakeInquiry(worker.Id, inquiry) is not { } asked) return;
        foreach (var key in asked.Executors.Keys.Where(key => !running.Contains(key) && step.State.Workers[worker.Id].Executors.ContainsKey(key)))
            OnExecutorChanged(step, worker.Id, key, ExecutorState.Lost, "the worker does not run it", null);

        // The worker follows this leader now, so no earlier order to start such a driver can arrive any more.
        foreach (var driver in asked.Drivers.Keys.Where(driver => !drivers.Contains(driver)))
        {
            if (step.State.Drivers.GetValueOrDefault(driver)?.Worker == worker.Id) Relaunch(step, driver);
            else if (step.State.Workers[worker.Id].Drivers.ContainsKey(driver)) step.Record(new DriverGone(driver, worker.Id));
        }
    }

    /// <summary>Whether an executor finishes its tasks on a worker that leaves. Its application has it no more, and may replace it.</summary>
    private static bool IsFinishing(MasterState state, WorkerId worker, ExecutorKey key) =>
        state.Applications.ContainsKey(key.App) && state.Workers[worker] is { IsDecommissioned: true } leaving && leaving.Executors.ContainsKey(key);

    private WorkerInquiry? TakeInquiry(WorkerId id, long number)
    {
        if (!_inquiries.TryGetValue(id, out var pending)) return null;
        while (pending.TryPeek(out var asked) && asked.Number < number) pending.Dequeue();
        return pending.TryPeek(out var found) && found.Number == number ? pending.Dequeue() : null;
    }

    private void OnWorkerDecommissioning(MasterStep step, WorkerDecommissioning m)
    {
        if (FindWorker(step, m.Id, m.Worker, nameof(WorkerDecommissioning)) is not { } worker) return;
        Decommission(step, worker);
        Command(step, worker.Ref, new DecommissionWorker()); // the worker may leave: no order follows
    }

    private void OnDecommissionWorkersOnHosts(MasterStep step, DecommissionWorkersOnHosts m, RpcCallContext call)
    {
        var hosts = m.Hosts.ToHashSet(StringComparer.OrdinalIgnoreCase);
        var workers = step.State.Workers.Values.Where(worker => hosts.Contains(worker.Host)).ToList();
        foreach (var worker in workers)
        {
            Decommission(step, worker);
            Command(step, worker.Ref, new DecommissionWorker());
        }

        step.Reply(call, workers.Count);
    }

    private void Decommission(MasterStep step, WorkerInfo worker)
    {
        if (worker.IsDecommissioned) return;
        var executors = worker.Executors.Keys.Where(key => step.State.FindExecutor(key) is not null).ToList();
        foreach (var key in executors)
        {
            step.Send(step.State.Applications[key.App].Client,
                new ExecutorUpdated(key.Number, ExecutorState.Decommissioned, WorkerDecommissionedText, null, worker.Host));
        }

        step.Record(new WorkerDecommissioned(worker.Id));
        step.Then(() => _log.WorkerDecommissioned(worker.Id));
        RequestSchedule(step);
    }

    private void RemoveWorker(MasterStep step, WorkerInfo worker, string reason)
    {
        var lost = worker.Executors.Keys.Where(key => step.State.FindExecutor(key) is not null || IsFinishing(step.State, worker.Id, key)).ToList();
        step.Record(new WorkerLost(worker.Id) { At = Env.Time.GetUtcNow() });
        step.Then(() =>
        {
            _inquiries.Remove(worker.Id);
            if (lost.Count > 0) _log.WorkerLost(worker.Id, lost.Count, reason);
            else _log.WorkerRemoved(worker.Id, reason);
        });
        WorkerSigns.Forget(worker.Id);

        foreach (var key in lost)
        {
            step.Send(step.State.Applications[key.App].Client,
                new ExecutorUpdated(key.Number, ExecutorState.Lost, $"worker lost: {reason}", null, worker.Host));
        }

        foreach (var app in step.State.Applications.Values.Where(app => MayHaveRunOn(app.Id, worker.Id)))
            step.Send(app.Client, new WorkerRemoved(worker.Id, worker.Host, reason));
        foreach (var driver in worker.Drivers.Keys.Where(driver => step.State.Drivers.GetValueOrDefault(driver)?.Worker == worker.Id))
            RelaunchOrEnd(step, driver, $"worker lost: {reason}");
        RequestSchedule(step);
    }

    /// <summary>The executors and drivers that a worker was known to run when it was asked.</summary>
    private sealed record WorkerInquiry(
        long Number, ImmutableDictionary<ExecutorKey, ExecutorResources> Executors, ImmutableDictionary<DriverId, ExecutorResources> Drivers);
}
