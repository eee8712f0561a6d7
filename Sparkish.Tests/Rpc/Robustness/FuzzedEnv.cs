using System.Globalization;
using System.Runtime.Versioning;
using Sparkish.Rpc;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Rpc.Robustness;

/// <summary>The process with the env under fire, and a healthy client of it that is answered throughout.</summary>
[UnsupportedOSPlatform("windows")]
internal sealed class FuzzedEnv : IAsyncDisposable
{
    private readonly TestProcess _process;
    private readonly CancellationTokenSource _stop = new();
    private Task<int> _asking = Task.FromResult(0);

    private FuzzedEnv(TestProcess process, RpcAddress address, RpcEnv client)
    {
        _process = process;
        Address = address;
        Client = client;
        There = client.RefTo(new RpcEndpointAddress(address, "e"));
    }

    public RpcAddress Address { get; }

    public RpcEnv Client { get; }

    /// <summary>The endpoint of the env under fire.</summary>
    public RpcEndpointRef There { get; }

    public static async Task<FuzzedEnv> StartAsync(string? secret = null)
    {
        var process = TestProcess.StartAssembly("Sparkish.Tests.dll", secret is null ? ["fuzzed-env"] : ["fuzzed-env", secret]);
        var line = await process.WaitForLineAsync(line => line.StartsWith("address ", StringComparison.Ordinal), TimeSpan.FromMinutes(1));
        var conf = secret is null ? new SparkConf(false) : Security.AuthenticationTests.Conf(secret);
        var client = Envs.New(new RpcEnvOptions("healthy", conf, FuzzedEnvProgram.Messages));
        return new FuzzedEnv(process, RpcAddress.Parse(line["address ".Length..]), client);
    }

    /// <summary>Begins to ask; each question must have its answer.</summary>
    public void StartAsking() => _asking = Task.Run(async () =>
    {
        var asked = 0;
        for (; !_stop.IsCancellationRequested; asked++)
        {
            var answer = await There.AskAsync<Note>(new Note("healthy", asked)).AsTask().WaitAsync(Envs.Patience);
            if (answer.Number != asked * 31) throw new AssertionException($"{asked} was answered by {answer.Number}.");
        }

        return asked;
    });

    /// <summary>Ends the asking; how many were asked.</summary>
    public async Task<int> StopAskingAsync()
    {
        await _stop.CancelAsync();
        return await _asking;
    }

    public async Task<FuzzedEnvStatus> StatusAsync() =>
        FuzzedEnvStatus.Parse(await There.AskAsync<string>(new Note("status", 0)).AsTask().WaitAsync(Envs.Patience));

    /// <summary>Waits until the healthy client's connection is the only one.</summary>
    public Task<bool> AloneAsync() => There.AskAsync<bool>(new Note("alone", 0)).AsTask().WaitAsync(Envs.Patience);

    /// <summary>The sockets of the process.</summary>
    public int Sockets() => Directory.EnumerateFileSystemEntries($"/proc/{_process.Id}/fd")
        .Count(link => new FileInfo(link).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true);

    /// <summary>Waits until the process has so many sockets again; what it has then, or after all patience.</summary>
    public async Task<int> SettledSocketsAsync(int expected)
    {
        using var patience = new CancellationTokenSource(Envs.Patience);
        while (Sockets() > expected && !patience.IsCancellationRequested) await StatusAsync();
        return Sockets();
    }

    /// <summary>The most memory that the process ever had, in MiB.</summary>
    public int PeakMemoryMiB() => int.Parse(
        File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2],
        CultureInfo.InvariantCulture) >> 10;

    /// <summary>Ends the env in order and returns the kinds of lines that it logged.</summary>
    public async Task<IReadOnlyList<string>> EndAsync()
    {
        await Client.DisposeAsync();
        _process.EndInput();
        Assert.That(await _process.WaitForExitAsync(TimeSpan.FromMinutes(1)), Is.Zero, _process.Transcript);
        return [.. _process.Output.Where(line => line.StartsWith("logged ", StringComparison.Ordinal))];
    }

    /// <summary>Kills the process.</summary>
    public void Kill() => _process.Kill();

    public async ValueTask DisposeAsync()
    {
        await Client.DisposeAsync();
        await _process.DisposeAsync();
        _stop.Dispose();
    }
}
