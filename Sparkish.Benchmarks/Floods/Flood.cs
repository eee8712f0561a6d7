using System.Net.Sockets;
using Sparkish.Rpc;

namespace Sparkish.Benchmarks.Floods;

/// <summary>Connections of strangers to a listener on this machine: some say nothing and come back when closed, others begin TLS and wait.</summary>
internal sealed class Flood : IAsyncDisposable
{
    // A TLS record of 256 bytes is announced, and its first bytes follow.
    private static readonly byte[] HalfHello = [0x16, 3, 1, 1, 0, 1, 0];

    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _tasks = [];
    private long _silent;
    private long _half;

    public long SilentOpened => Interlocked.Read(ref _silent);

    public long HalfOpened => Interlocked.Read(ref _half);

    public static Flood Start(RpcAddress target, int silentSockets, int halfHandshakesPerMinute)
    {
        if (target.Host is not "127.0.0.1") throw new ArgumentException("Only this machine is flooded.", nameof(target));
        var flood = new Flood();
        for (var i = 0; i < silentSockets; i++) flood._tasks.Add(Task.Run(() => flood.StaySilentAsync(target)));
        flood._tasks.Add(Task.Run(() => flood.BeginHandshakesAsync(target, TimeSpan.FromMinutes(1) / halfHandshakesPerMinute)));
        return flood;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await ((Task)Task.WhenAll(_tasks)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task StaySilentAsync(RpcAddress target)
    {
        while (!_stop.IsCancellationRequested)
        {
            Interlocked.Increment(ref _silent);
            await HoldAsync(target, []);
        }
    }

    private async Task BeginHandshakesAsync(RpcAddress target, TimeSpan pause)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(30));
        var (start, begun) = (TimeProvider.System.GetTimestamp(), 0L);
        while (await timer.WaitForNextTickAsync(_stop.Token))
        {
            for (var due = (long)(TimeProvider.System.GetElapsedTime(start) / pause); begun < due; begun++)
            {
                Interlocked.Increment(ref _half);
                _ = HoldAsync(target, HalfHello); // it ends when the listener closes it, or with the flood
            }
        }
    }

    /// <summary>Holds a connection until the listener closes it.</summary>
    private async Task HoldAsync(RpcAddress target, byte[] first)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(target.Host, target.Port, _stop.Token);
            if (first.Length > 0) await socket.SendAsync(first, SocketFlags.None, _stop.Token);
            var buffer = new byte[64];
            while (await socket.ReceiveAsync(buffer, SocketFlags.None, _stop.Token) > 0)
            {
                // What the listener says does not matter.
            }
        }
        catch (Exception error) when (error is SocketException or OperationCanceledException)
        {
            // Closed, refused, or the flood is over.
        }
    }
}
