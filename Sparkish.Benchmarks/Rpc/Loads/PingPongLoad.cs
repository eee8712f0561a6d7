using System.Diagnostics;
using System.Threading.Channels;
using Sparkish.Benchmarks.Rpc.Nodes;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Rpc.Loads;

/// <summary>Many pairs of endpoints of one process that return one message to each other; the baseline is pairs of loops with a channel each.</summary>
internal static class PingPongLoad
{
    private const int Pairs = 32;

    /// <summary>Round trips a second, of all pairs together.</summary>
    public static async Task<double[]> MeasureAsync(RpcEnv env, TimeSpan duration)
    {
        var rally = new Rally();
        var players = new List<RpcEndpointRef>();
        for (var i = 0; i < Pairs; i++)
        {
            var ponger = env.SetupEndpoint(BenchNode.NextName("pong"), new Ponger());
            players.Add(ponger);
            players.Add(env.SetupEndpoint(BenchNode.NextName("ping"), new Pinger(ponger, rally)));
        }

        var rate = await rally.PlayAsync(duration);
        foreach (var player in players) env.Stop(player);
        return [rate];
    }

    /// <summary>The same over channels.</summary>
    public static async Task<double[]> MeasureChannelAsync(TimeSpan duration)
    {
        var rally = new Rally();
        var loops = new List<Task>();
        for (var i = 0; i < Pairs; i++)
        {
            var (pings, pongs) = (NewChannel(), NewChannel());
            loops.Add(Task.Run(() => PongAsync(pings.Reader, pongs.Writer)));
            loops.Add(Task.Run(() => PingAsync(pings.Writer, pongs.Reader, rally)));
        }

        var rate = await rally.PlayAsync(duration);
        await Task.WhenAll(loops);
        return [rate];
    }

    private static Channel<object> NewChannel() => Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });

    private static async Task PongAsync(ChannelReader<object> pings, ChannelWriter<object> pongs)
    {
        await foreach (var ball in pings.ReadAllAsync()) pongs.TryWrite(ball);
    }

    private static async Task PingAsync(ChannelWriter<object> pings, ChannelReader<object> pongs, Rally rally)
    {
        var trips = 0L;
        pings.TryWrite(new Ball());
        do
        {
            pings.TryWrite(await pongs.ReadAsync());
            trips++;
        }
        while (!rally.IsOver);

        pings.Complete();
        rally.Ended(trips);
    }

    /// <summary>Bounced between two endpoints; a pinger takes one that came back, a ponger returns it.</summary>
    private sealed record Ball
    {
        public RpcEndpointRef? Pinger { get; init; }
    }

    private sealed class Ponger : RpcEndpoint
    {
        public override void Receive(object message)
        {
            switch (message)
            {
                case Ball m: m.Pinger!.Send(m); break;
                default: base.Receive(message); break;
            }
        }
    }

    private sealed class Pinger(RpcEndpointRef ponger, Rally rally) : RpcEndpoint
    {
        private long _trips;

        public override void OnStart() => ponger.Send(new Ball { Pinger = Self });

        public override void Receive(object message)
        {
            switch (message)
            {
                case Ball m: OnBall(m); break;
                default: base.Receive(message); break;
            }
        }

        private void OnBall(Ball ball)
        {
            _trips++;
            if (rally.IsOver) rally.Ended(_trips);
            else ponger.Send(ball);
        }
    }

    /// <summary>When all pairs stop, and what they have counted by then.</summary>
    private sealed class Rally
    {
        private readonly long _start = Stopwatch.GetTimestamp();
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isOver;
        private long _trips;
        private int _playing = Pairs;

        public bool IsOver => _isOver;

        public async Task<double> PlayAsync(TimeSpan duration)
        {
            await Task.Delay(duration);
            _isOver = true;
            await _ended.Task;
            return _trips / Stopwatch.GetElapsedTime(_start).TotalSeconds;
        }

        public void Ended(long trips)
        {
            Interlocked.Add(ref _trips, trips);
            if (Interlocked.Decrement(ref _playing) == 0) _ended.SetResult();
        }
    }
}
