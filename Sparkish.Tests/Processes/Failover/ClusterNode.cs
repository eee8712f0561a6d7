namespace Sparkish.Tests.Processes.Failover;

/// <summary>
/// A master or worker on a machine of its own, under a supervisor that starts it again whenever its process ends, as deployments do.
/// </summary>
/// <param name="network">The machines.</param>
/// <param name="machine">Its machine.</param>
/// <param name="arguments">What its process is started with.</param>
/// <param name="onStart">Called with each of its processes.</param>
internal sealed class ClusterNode(NamespaceNetwork network, int machine, IReadOnlyList<string> arguments, Action<TestProcess> onStart)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly List<TestProcess> _lives = [];
    private TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isStopped;

    public int Machine => machine;

    /// <summary>Its process, the last one if it was started more than once.</summary>
    public TestProcess Process
    {
        get
        {
            lock (_lives) return _lives[^1];
        }
    }

    /// <summary>What all its processes said.</summary>
    public string Transcript
    {
        get
        {
            lock (_lives) return $"Machine {machine}: {string.Join("\n", _lives.Select(static life => life.Transcript))}";
        }
    }

    /// <summary>Starts its process, and another one whenever that ends.</summary>
    public void Start()
    {
        lock (_lives)
        {
            if (_isStopped) return;
            _lives.Add(network.Start(machine, "dotnet", ["exec", .. arguments]));
            onStart(_lives[^1]);
            _ = SuperviseAsync(_lives[^1]);
            _started.SetResult();
            _started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Starts no further process.</summary>
    public void Stop()
    {
        lock (_lives) _isStopped = true;
    }

    /// <summary>Waits until its process says something.</summary>
    public Task<string> SaysAsync(string text) => Process.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), Patience);

    /// <summary>Waits for the process that follows one that has ended, or ends now.</summary>
    public async Task<TestProcess> AfterAsync(TestProcess ended)
    {
        while (true)
        {
            Task started;
            lock (_lives)
            {
                if (_lives[^1] != ended) return _lives[^1];
                started = _started.Task;
            }

            await started.WaitAsync(Patience);
        }
    }

    public Task UnplugAsync() => network.UnplugAsync(machine);

    public Task PlugAsync() => network.PlugAsync(machine);

    /// <summary>Stops its process as an operator does, and waits for the next one.</summary>
    public async Task RestartAsync()
    {
        var old = Process;
        old.Terminate();
        Assert.That(await old.WaitForExitAsync(Patience), Is.Zero, old.Transcript);
        await AfterAsync(old);
    }

    private async Task SuperviseAsync(TestProcess life)
    {
        try
        {
            await life.WaitForExitAsync(Timeout.InfiniteTimeSpan);
        }
        catch (InvalidOperationException)
        {
            return; // the test is over
        }

        Start();
    }
}
