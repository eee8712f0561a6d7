#pragma warning disable MA0048 // the whole sample is one file to read
using System.CommandLine;
using Sparkish.Rpc;
using Sparkish.Serialization.Messages;

namespace Sparkish.Examples;

/// <summary>Sent by a worker, answered by <see cref="RegisteredWorker"/>. It contains the worker's ref.</summary>
internal sealed record RegisterWorker(string Id, RpcEndpointRef Worker);

/// <summary>The answer. Its ref leads to this run of the master, and never to a later one.</summary>
internal sealed record RegisteredWorker(RpcEndpointRef Master);

/// <summary>Sent by a worker every second.</summary>
internal sealed record Heartbeat(string Id, int Number);

/// <summary>Stores the registered workers, and prints their heartbeats and their end.</summary>
internal sealed class MyMaster : RpcEndpoint
{
    private readonly Dictionary<RpcEndpointRef, string> _workers = []; // no lock: an endpoint handles one message at a time

    public override void Receive(object message)
    {
        switch (message)
        {
            case Heartbeat m: Say($"heartbeat {m.Number} of {m.Id}"); break;
            case EndpointTerminated m when _workers.Remove(m.Endpoint, out var id): Say($"{id} is gone: {m.Cause}"); break;
            default: base.Receive(message); break;
        }
    }

    public override void ReceiveAndReply(object message, RpcCallContext call)
    {
        switch (message)
        {
            case RegisterWorker m: OnRegisterWorker(m, call); break;
            default: base.ReceiveAndReply(message, call); break;
        }
    }

    private void OnRegisterWorker(RegisterWorker message, RpcCallContext call)
    {
        _workers[message.Worker] = message.Id;
        Watch(message.Worker); // its end now arrives as a message, whether it stops, is killed or falls silent
        call.Reply(new RegisteredWorker(Self));
        Say($"{message.Id} has registered");
    }

    private void Say(string text) => Console.WriteLine($"{Env.Time.GetLocalNow():HH:mm:ss} {text}");
}

/// <summary>Registers with the master, sends heartbeats, and registers again when the master is gone.</summary>
internal sealed class MyWorker(RpcEndpointAddress master) : RpcEndpoint
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    private readonly string _id = $"worker-{Environment.ProcessId}";
    private IDisposable? _heartbeats;
    private int _sent;

    public override void OnStart() => Register();

    public override void Receive(object message)
    {
        switch (message)
        {
            case RegisteredWorker m: OnRegisteredWorker(m); break;
            case RegistrationFailed m: RegisterLater(m.Error.Message); break;
            case EndpointTerminated m: RegisterLater($"The master is gone: {m.Cause}."); break;
            case RegisterAgain: Register(); break;
            case SendHeartbeat m: OnSendHeartbeat(m); break;
            default: base.Receive(message); break;
        }
    }

    // A handler never waits. The answer arrives as a message.
    private void Register() => PipeToSelf(
        Env.RefTo(master).AskAsync<RegisteredWorker>(new RegisterWorker(_id, Self)), answer => answer, error => new RegistrationFailed(error));

    private void OnRegisteredWorker(RegisteredWorker message)
    {
        Say("registered");
        Watch(message.Master);
        _heartbeats = Env.ScheduleRepeatedly(TimeSpan.Zero, Beat, Self, new SendHeartbeat(message.Master));
    }

    private void OnSendHeartbeat(SendHeartbeat message) => message.Master.Send(new Heartbeat(_id, ++_sent));

    private void RegisterLater(string why)
    {
        Say($"{why} Trying again.");
        _heartbeats?.Dispose();
        Env.ScheduleOnce(Beat, Self, new RegisterAgain());
    }

    private void Say(string text) => Console.WriteLine($"{Env.Time.GetLocalNow():HH:mm:ss} {text}");

    private sealed record RegistrationFailed(Exception Error);

    private sealed record RegisterAgain;

    private sealed record SendHeartbeat(RpcEndpointRef Master);
}

/// <summary>The commands that run them.</summary>
internal static class MyMasterAndWorker
{
    // The message types on the wire, each with the same number on both sides.
    private static MessageRegistry Messages => new MessageRegistry().Add<RegisterWorker>(100).Add<RegisteredWorker>(101).Add<Heartbeat>(102);

    public static Command MasterCommand()
    {
        var port = new Option<int>("--port") { Description = "The port to listen on.", DefaultValueFactory = _ => 9999, HelpName = "PORT" };
        var command = new Command("mymaster", "Actors without jobs: a master that workers register with. Start a few 'myworker', and kill one.") { port };
        command.SetAction((args, stop) => RunAsync("MyMaster", args.GetValue(port), () => new MyMaster(), stop));
        return command;
    }

    public static Command WorkerCommand()
    {
        var master = new Argument<string>("MASTER") { Description = "The master, as spark://HOST:PORT." };
        var command = new Command("myworker", "Actors without jobs: a worker that registers with 'mymaster' and sends heartbeats.") { master };
        command.SetAction((args, stop) =>
            RunAsync("MyWorker", port: 0, () => new MyWorker(new RpcEndpointAddress(RpcAddress.Parse(args.GetValue(master)!), "MyMaster")), stop));
        return command;
    }

    private static async Task<int> RunAsync(string name, int port, Func<RpcEndpoint> endpoint, CancellationToken stop)
    {
        try
        {
            await using var env = RpcEnv.Create(new RpcEnvOptions(name, new SparkConf(), Messages) { Port = port });
            env.SetupEndpoint(name, endpoint);
            Console.WriteLine($"{name} at {env.Address.ToSparkUrl()}. Press Ctrl-C to stop.");
            await Task.WhenAny(env.Termination, Task.Delay(Timeout.Infinite, stop));
            return 0;
        }
        catch (SparkException e)
        {
            await Console.Error.WriteLineAsync($"{name}: {e.Message}");
            return 1;
        }
    }
}
