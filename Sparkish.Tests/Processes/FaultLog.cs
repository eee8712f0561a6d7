using System.Globalization;
using System.Text;

namespace Sparkish.Tests.Processes;

/// <summary>A group with the faults that have come to it, and what its members have told of each.</summary>
internal sealed class FaultLog(IEnumerable<GroupMember> members)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly GroupMember[] _members = [.. members];
    private readonly List<(string What, long Time)> _faults = [];

    public GroupMember this[int number] => _members[number];

    private (string What, long Time) Last => _faults[^1];

    /// <summary>Runs faults, and writes the table of what was told of them, also when one of them went another way than expected.</summary>
    public async Task TellAsync(Func<Task> faults)
    {
        try
        {
            await faults();
        }
        finally
        {
            Print();
        }
    }

    public async Task JoinAsync()
    {
        Begin("all start");
        foreach (var member in _members) member.Start();
        await Task.WhenAll(_members.Select(member => member.JoinedAsync()));
        await SettleAsync();
    }

    /// <summary>A fault comes: what is told from now on is told of it.</summary>
    public long Begin(string fault)
    {
        _faults.Add((fault, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()));
        return Last.Time;
    }

    /// <summary>
    /// What members were told of others since the last fault began. What a member is told of itself is apart: one that was frozen may learn of its removal
    /// after all others have heard that it is up again.
    /// </summary>
    public IReadOnlyList<(GroupMember By, MemberLine Line)> Told(string change) =>
        [.. ToldOfOthers().Where(told => string.Equals(told.Line.Event, change, StringComparison.Ordinal))];

    /// <summary>All changes of others that members were told of since the last fault began.</summary>
    public IEnumerable<(GroupMember By, MemberLine Line)> ToldOfOthers() =>
        From(Last.Time, long.MaxValue).Where(told => NumberOf(told.Line.Member) != told.By.Number);

    public Task AllOthersHearAsync(string change, int of) =>
        Task.WhenAll(_members.Where(member => member.Number != of).Select(member => member.HearsAsync(change, _members[of], Last.Time)));

    public Task HearsOfAllOthersAsync(int by, string change) =>
        Task.WhenAll(_members.Where(member => member.Number != by).Select(member => _members[by].HearsAsync(change, member, Last.Time)));

    /// <summary>Waits until each member sees all, in the life that they live now, and suspects none.</summary>
    /// <param name="notAsked">The number of one whose view does not count.</param>
    public async Task SettleAsync(int? notAsked = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(Pause);
        while (true)
        {
            var seen = await Task.WhenAll(_members.Where(member => member.Number != notAsked).Select(member => member.MembersAsync()));
            var views = seen.Select(line => string.Join(' ', line.Members!.Order(StringComparer.Ordinal))).Distinct(StringComparer.Ordinal);
            if (views.Count() == 1 && seen.All(line => line.Members!.Length == _members.Length && line.Suspected!.Length == 0)) return;
            try
            {
                await timer.WaitForNextTickAsync(deadline.Token);
            }
            catch (OperationCanceledException error)
            {
                throw new AssertionException(
                    $"{Patience.TotalSeconds} s after '{Last.What}' not all see each other.\n{string.Join('\n', _members.Select(member => member.Transcript))}",
                        error);
            }
        }
    }

    /// <summary>Writes a table of all faults, and what each member told of them.</summary>
    private void Print()
    {
        var table = new StringBuilder("| fault | told | of | by | first, ms | median, ms | last, ms | reason |\n|---|---|---|---:|---:|---:|---:|---|\n");
        foreach (var ((fault, time), end) in _faults.Zip(_faults.Skip(1).Select(next => next.Time).Append(long.MaxValue)))
        {
            var told = From(time, end).GroupBy(told => (told.Line.Event, told.Line.Member)).Where(_ => time != _faults[0].Time).ToArray();
            foreach (var group in told)
            {
                var times = group.GroupBy(one => one.By).Select(by => by.Min(one => one.Line.Time) - time).Order().ToArray();
                table.Append(CultureInfo.InvariantCulture,
                    $"| {fault} | {group.Key.Event} | {NumberOf(group.Key.Member)} | {times.Length} of {_members.Length} | {times[0]} | {times[times.Length / 2]} | {times[^1]} | {group.First().Line.Reason} |\n");
            }

            if (told.Length == 0) table.Append(CultureInfo.InvariantCulture, $"| {fault} | nothing | | | | | | |\n");
        }

        table.Append("\nPer node, in ms after the fault:\n");
        foreach (var ((fault, time), end) in _faults.Zip(_faults.Skip(1).Select(next => next.Time).Append(long.MaxValue)).Skip(1))
        {
            table.Append(CultureInfo.InvariantCulture, $"{fault}\n");
            foreach (var member in From(time, end).GroupBy(told => told.By))
                table.Append(CultureInfo.InvariantCulture,
                    $"  node {member.Key.Number}: {string.Join(", ", member.Select(told => $"{told.Line.Event} {NumberOf(told.Line.Member)} {told.Line.Time - time}"))}\n");
        }

        TestContext.Out.WriteLine(table);
    }

    private int NumberOf(string? address) => Array.FindIndex(_members, member => string.Equals(member.Address, address, StringComparison.Ordinal));

    private IEnumerable<(GroupMember By, MemberLine Line)> From(long time, long end) =>
        _members.SelectMany(member => member.Changes.Where(line => line.Time >= time && line.Time < end).Select(line => (member, line)));
}
