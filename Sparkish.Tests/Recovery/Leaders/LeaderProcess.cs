using System.Globalization;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Recovery.Leaders;

/// <summary>The process of a <see cref="LeaderProgram"/>, from the side of the test that started it.</summary>
internal sealed class LeaderProcess(TestProcess process) : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public int Id => process.Id;

    public string Transcript => process.Transcript;

    /// <summary>What the store acknowledged to it, so far.</summary>
    public IReadOnlyList<(long Epoch, long Sequence)> Acknowledged =>
        [.. process.Output.Select(line => line.Split(' ')).Where(words => words is ["acked", _, _]).Select(words => (Number(words[1]), Number(words[2])))];

    /// <summary>Starts a candidate and waits until it stands.</summary>
    public static async Task<LeaderProcess> StartAsync(string kind, string connection, bool asksClock = true)
    {
        string[] clock = asksClock ? [] : [LeaderProgram.NoClock];
        var leader = new LeaderProcess(TestProcess.StartAssembly("Sparkish.Tests.dll", ["leader", kind, connection, .. clock]));
        await leader.SaysAsync("candidate ");
        return leader;
    }

    /// <summary>The epoch of its term, once it leads.</summary>
    public async Task<long> LeadsAsync() => Number((await SaysAsync("leads "))["leads ".Length..]);

    /// <summary>Waits until an event of its was acknowledged.</summary>
    public Task WritesAsync() => SaysAsync("acked ");

    /// <summary>The line with which its term ends.</summary>
    public Task<string> EndsAsync() =>
        process.WaitForLineAsync(
            line => line.StartsWith("ended ", StringComparison.Ordinal) || line.StartsWith("refused ", StringComparison.Ordinal), Patience);

    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task WakeAsync() => SignalAsync("-CONT");

    public void Kill() => process.Kill();

    /// <summary>Lets it end in order and waits for that.</summary>
    public async Task StopAsync()
    {
        process.EndInput();
        Assert.That(await process.WaitForExitAsync(Patience), Is.Zero, process.Transcript);
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private Task<string> SaysAsync(string start) => process.WaitForLineAsync(line => line.StartsWith(start, StringComparison.Ordinal), Patience);

    private async Task SignalAsync(string signal) => await TestProcess.RunAsync("kill", [signal, Id.ToString(CultureInfo.InvariantCulture)], Patience);

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
