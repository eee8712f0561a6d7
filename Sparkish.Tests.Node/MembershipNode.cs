using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Sparkish.Membership;
using Sparkish.Membership.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Tests.Node;

/// <summary>
/// A member of a group that says each change as a line of JSON. Lines of its standard input: <c>members NUMBER</c> asks for the group as it sees it,
/// <c>dial NUMBER HOST PORT</c> whether a connection can be made, <c>ask NUMBER HOST PORT</c> whether an endpoint of another one answers,
/// <c>busy NUMBER SECONDS</c> keeps its thread pool busy and says afterwards how long other
/// work had to wait, <c>leave</c> lets it leave, <c>join NUMBER</c> lets it join again.
/// </summary>
internal sealed class MembershipNode(RpcEnv env) : IAsyncDisposable
{
    private static readonly TimeSpan DialTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LengthOfWork = TimeSpan.FromMilliseconds(500);
    private const int PiecesOfWork = 5000;
    private const string EchoName = "echo";
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);
    private ClusterMembership _membership = Join(env);

    /// <summary>Runs until its standard input ends or SIGTERM comes; the end of the env, which follows, tells the others.</summary>
    public async Task RunAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onStop = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal =>
        {
            signal.Cancel = true;
            stopped.TrySetResult();
        });
        _membership.Subscribe(env.SetupEndpoint("changes", new Changes()));
        env.SetupEndpoint(EchoName, new IsolatedEcho());

        // Reading a console blocks its thread until a line comes, so it needs one that the end of the process does not wait for.
        await await Task.WhenAny(stopped.Task, Task.Factory.StartNew(
            AnswerAsync, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap());
    }

    public ValueTask DisposeAsync() => _membership.DisposeAsync();

    internal static void Say(object line) => Console.WriteLine(JsonSerializer.Serialize(line));

    private async Task AnswerAsync()
    {
        await _membership.JoinedAsync();
        Say(new { Event = "Joined" });
        while (await Console.In.ReadLineAsync() is { } line)
        {
            switch (line.Split(' '))
            {
                case ["members", var number]: SayMembers(number); break;
                case ["dial", var number, var host, var port]:
                    Say(new { Event = "Dialled", Number = number, IsThere = await CanDialAsync(host, int.Parse(port, null)) });
                    break;
                case ["busy", var number, var seconds]: KeepPoolBusy(number, TimeSpan.FromSeconds(int.Parse(seconds, null))); break;
                case ["ask", var number, var host, var port]:
                    Say(new { Event = "Asked", Number = number, IsThere = await CanAskAsync(new RpcAddress(host, int.Parse(port, null))) });
                    break;
                case ["join", var number]:
                    _membership = Join(env);
                    await _membership.JoinedAsync();
                    Say(new { Event = "Joined again", Number = number });
                    break;
                case ["leave"]: await _membership.LeaveAsync(); break;
                default: throw new InvalidOperationException($"'{line}' is no command.");
            }
        }
    }

    private void SayMembers(string number)
    {
        var current = _membership.Current;
        var members = current.Members.Select(static member => $"{Name(member)}#{member.Uid}");
        Say(new { Event = "Members", Number = number, Members = members, Suspected = current.Suspected.Select(Name) });
    }

    /// <summary>Gives the thread pool so much to do for a while that what comes behind waits.</summary>
    private static void KeepPoolBusy(string number, TimeSpan duration)
    {
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < PiecesOfWork; i++) ThreadPool.UnsafeQueueUserWorkItem(_ => Work(), null);
        ThreadPool.UnsafeQueueUserWorkItem(_ => Say(new { Event = "Busy", Number = number, Delay = watch.ElapsedMilliseconds }), null);

        void Work()
        {
            if (watch.Elapsed < duration) Thread.Sleep(LengthOfWork);
        }
    }

    private static ClusterMembership Join(RpcEnv env) => ClusterMembership.Join(env, new MembershipOptions { Roles = ["worker"] });

    private async Task<bool> CanAskAsync(RpcAddress node)
    {
        try
        {
            return await env.RefTo(new RpcEndpointAddress(node, EchoName)).AskAsync<string>("answered", AnswerTime) == "answered";
        }
        catch (Exception error) when (error is SparkException or TimeoutException)
        {
            await Console.Error.WriteLineAsync(error.Message);
            return false;
        }
    }

    private static string Name(Member member) => member.Address.ToString();

    private static async Task<bool> CanDialAsync(string host, int port)
    {
        using var client = new TcpClient();
        using var timeout = new CancellationTokenSource(DialTime);
        try
        {
            await client.ConnectAsync(host, port, timeout.Token);
            return true;
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException)
        {
            return false;
        }
    }

    private sealed class Changes : RpcEndpoint
    {
        public override void Receive(object message)
        {
            var time = Env.Time.GetUtcNow().ToUnixTimeMilliseconds();
            switch (message)
            {
                case MembershipSnapshot: break;
                case MemberUp m: Say(new { Event = "Up", Time = time, Member = Name(m.Member) }); break;
                case MemberSuspected m: Say(new { Event = "Suspected", Time = time, Member = Name(m.Member), m.Reason, By = m.By.ToString() }); break;
                case MemberDown m: Say(new { Event = "Down", Time = time, Member = Name(m.Member), m.Reason }); break;
                case MemberLeft m: Say(new { Event = "Left", Time = time, Member = Name(m.Member) }); break;
                default: base.Receive(message); break;
            }
        }
    }
}
