using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Sparkish.Tests.Processes;

/// <summary>Where tasks of other processes wait until the test lets them pass, so that a test can act while a job surely runs.</summary>
internal sealed class TaskGate : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TcpListener _listener;
    private readonly Channel<int> _arrivals = Channel.CreateUnbounded<int>();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    public TaskGate() : this(new TcpListener(IPAddress.Loopback, 0)) { }

    /// <summary>Opens a gate elsewhere than on loopback; it owns the listener.</summary>
    public TaskGate(TcpListener listener)
    {
        _listener = listener;
        _listener.Start();
        _loop = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Where it is, for processes that do not share this one's loopback.</summary>
    public string Address => _listener.LocalEndpoint.ToString()!;

    /// <summary>Number of tasks that have come to the gate and that no caller has asked for yet.</summary>
    public int Waiting => _arrivals.Reader.Count;

    /// <summary>Called within a task: tells the test which process it runs in and waits.</summary>
    public static void Pass(int port) => Pass(new IPEndPoint(IPAddress.Loopback, port));

    /// <summary>The same at a gate that is elsewhere.</summary>
    public static void Pass(IPEndPoint gate)
    {
        using var client = new TcpClient();
        client.Connect(gate);
        using var stream = client.GetStream();
        stream.Write(BitConverter.GetBytes(Environment.ProcessId));
        if (stream.ReadByte() < 0) throw new IOException(string.Create(CultureInfo.InvariantCulture, $"The gate at {gate} was torn down."));
    }

    /// <summary>The process of the next task that has come to the gate.</summary>
    public async Task<int> NextArrivalAsync() => await _arrivals.Reader.ReadAsync().AsTask().WaitAsync(Patience);

    /// <summary>Lets all tasks pass, those that wait and those to come.</summary>
    public void Open() => _open.TrySetResult();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _loop;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var guests = new List<Task>();
        try
        {
            while (true) guests.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            await Task.WhenAll(guests);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        try
        {
            using (client)
            {
                var id = new byte[sizeof(int)];
                await client.GetStream().ReadExactlyAsync(id, _stop.Token);
                await _arrivals.Writer.WriteAsync(BitConverter.ToInt32(id), _stop.Token);
                await _open.Task.WaitAsync(_stop.Token);
                await client.GetStream().WriteAsync(new byte[] { 1 }, _stop.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // The task's process was killed, which is what some tests do, or the test is over.
        }
    }
}
