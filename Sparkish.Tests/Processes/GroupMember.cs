using System.Globalization;
using System.Text.Json;

namespace Sparkish.Tests.Processes;

/// <summary>A line that a member of a group says: a change, or an answer.</summary>
internal sealed record MemberLine(
    string Event, long Time, string? Member, string? Reason, string? By, string? Number, string[]? Members, string[]? Suspected, bool? IsThere, long? Delay)
{
    /// <summary>Reads a line of its output; null if it is another one.</summary>
    public static MemberLine? Parse(string line) => line.StartsWith('{') ? JsonSerializer.Deserialize<MemberLine>(line) : null;
}

/// <summary>A process of its own on a machine of its own that is a member of a group.</summary>
/// <param name="machines">Where the members run.</param>
/// <param name="number">Its machine.</param>
/// <param name="claims">The member whose address it claims; its own if null.</param>
/// <param name="program">What it runs; the built-in env with SWIM if null.</param>
internal sealed class GroupMember(IMachines machines, int number, int? claims = null, MemberProgram? program = null)
{
    private const int Port = 7077;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<TestProcess> _lives = [];
    private int _questions;

    public int Number => number;

    public string Address => string.Create(CultureInfo.InvariantCulture, $"{machines.AddressOf(claims ?? number)}:{Port}");

    public string Transcript => $"Member {number}, {Process.Transcript}";

    /// <summary>All changes that it told of, in all its lives.</summary>
    public IEnumerable<MemberLine> Changes =>
        _lives.SelectMany(life => life.Output).Select(MemberLine.Parse).OfType<MemberLine>().Where(line => line.Member is not null);

    private TestProcess Process => _lives[^1];

    public void Start()
    {
        var host = claims is { } other ? $"{machines.AddressOf(other)}@{machines.AddressOf(number)}" : machines.AddressOf(number);
        var (path, settings) = program ?? MemberProgram.BuiltIn;
        _lives.Add(machines.Start(number, "dotnet", ["exec", path, "membership", host, $"{Port}",
            $"spark.membership.seeds={machines.AddressOf(0)}:{Port},{machines.AddressOf(1)}:{Port}", .. settings]));
    }

    public Task JoinedAsync() => WaitAsync(line => line.Event == "Joined");

    /// <summary>A change of a member, said already or to come, not before a time.</summary>
    public Task<MemberLine> HearsAsync(string change, GroupMember of, long since) =>
        WaitAsync(line => string.Equals(line.Event, change, StringComparison.Ordinal)
            && string.Equals(line.Member, of.Address, StringComparison.Ordinal) && line.Time >= since);

    /// <summary>The group as it sees it now.</summary>
    public Task<MemberLine> MembersAsync() => AskAsync("members", "");

    /// <summary>Whether it can make a connection with another one's machine at this moment.</summary>
    public async Task<bool> CanDialAsync(GroupMember other) => (await AskAsync("dial", $" {machines.AddressOf(other.Number)} {Port}")).IsThere!.Value;

    /// <summary>Whether an endpoint of another one answers it at this moment.</summary>
    public async Task<bool> CanAskAsync(GroupMember other) => (await AskAsync("ask", $" {machines.AddressOf(other.Number)} {Port}")).IsThere!.Value;

    public Task LeaveAsync() => Process.WriteLineAsync("leave");

    /// <summary>Makes it a member again after it has left.</summary>
    public Task RejoinAsync() => AskAsync("join", "");

    public Task FreezeAsync() => SignalAsync("-STOP");

    public Task ThawAsync() => SignalAsync("-CONT");

    public Task KillAsync() => SignalAsync("-KILL");

    /// <summary>Stops it as an operator does, by SIGTERM, and waits for its end.</summary>
    public async Task StopAsync()
    {
        Process.Terminate();
        Assert.That(await Process.WaitForExitAsync(Patience), Is.Zero, Transcript);
    }

    /// <summary>A line that it logs, said already or to come.</summary>
    public Task<string> LogsAsync(string text) => Process.WaitForLineAsync(line => line.Contains(text, StringComparison.Ordinal), Patience);

    private async Task SignalAsync(string signal) => await TestProcess.RunAsync("kill", [signal, Process.Id.ToString(CultureInfo.InvariantCulture)], Patience);

    private async Task<MemberLine> AskAsync(string what, string rest)
    {
        var question = (++_questions).ToString(CultureInfo.InvariantCulture);
        await Process.WriteLineAsync($"{what} {question}{rest}");
        return await WaitAsync(line => string.Equals(line.Number, question, StringComparison.Ordinal));
    }

    private async Task<MemberLine> WaitAsync(Func<MemberLine, bool> wanted) =>
        MemberLine.Parse(await Process.WaitForLineAsync(line => MemberLine.Parse(line) is { } parsed && wanted(parsed), Patience))!;
}
