using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Sparkish.Tests.Conformance;

/// <summary>Passes connections on to a port of this machine, until it resets them all or lets them stand.</summary>
internal sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _lock = new();
    private readonly List<Socket> _sockets = [];
    private readonly List<Task> _tasks = [];
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _cut = new();

    public LoopbackProxy() => _listener.Start();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Start(int target) => Keep(AcceptAsync(target));

    /// <summary>Ends all connections as the kernel of a killed process does, and takes no more.</summary>
    public void Kill()
    {
        _listener.Stop();
        lock (_lock)
        {
            foreach (var socket in _sockets) socket.Close(0);
        }
    }

    /// <summary>Passes nothing on any more and says nothing.</summary>
    public void Cut() => _cut.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        Kill();
        Task[] tasks;
        lock (_lock) tasks = [.. _tasks];
        await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ended.Dispose();
    }

    private async Task AcceptAsync(int target)
    {
        while (true)
        {
            var near = await _listener.AcceptSocketAsync(_ended.Token);
            var far = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            lock (_lock) _sockets.AddRange([near, far]);
            await far.ConnectAsync(IPAddress.Loopback, target, _ended.Token);
            Keep(PumpAsync(near, far));
            Keep(PumpAsync(far, near));
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 << 10];
        while (await from.ReceiveAsync(buffer, _ended.Token) is > 0 and var read)
        {
            if (_cut.Task.IsCompleted) await Task.Delay(Timeout.InfiniteTimeSpan, _ended.Token);
            await to.SendAsync(buffer.AsMemory(0, read), _ended.Token);
        }

        if (_cut.Task.IsCompleted) await Task.Delay(Timeout.InfiniteTimeSpan, _ended.Token);
        to.Shutdown(SocketShutdown.Send);
    }

    private void Keep(Task task)
    {
        lock (_lock) _tasks.Add(task);
    }
}

/// <summary>Learns from an env's log which port it has bound.</summary>
internal sealed class BoundPortLog : ILoggerFactory, ILogger
{
    public int Port { get; private set; }

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("This log is for one test only.");

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (state is not IEnumerable<KeyValuePair<string, object?>> values) return;
        if (values.FirstOrDefault(value => value.Key == "Bound").Value is string bound) Port = IPEndPoint.Parse(bound).Port;
    }

    public void Dispose() { }
}
