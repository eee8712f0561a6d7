using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery.Raft;
using Sparkish.Persistence;

namespace Sparkish.Benchmarks.Faults;

/// <summary>
/// The store and the election of a process that becomes one of three Raft members: the first one whose directory no other process has locked, as soon as there
/// is one. The connection is <c>DIRECTORY|PORT,PORT,PORT</c>, with <c>|PORT,PORT,PORT</c> behind it where the members are reached through gates.
/// </summary>
internal sealed class RaftSlot(string connection) : IJournalStore, ILeaderElection
{
    private const int Members = 3;
    private const string Host = "127.0.0.1";

    private static readonly ConcurrentDictionary<string, RaftSlot> Slots = new(StringComparer.Ordinal);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private Task<(RaftJournalStore Store, RaftElection Election)>? _taking;

    /// <summary>The one of this process.</summary>
    public static RaftSlot Of(string connection) => Slots.GetOrAdd(connection, static one => new RaftSlot(one));

    public static RaftOptions OptionsOf(string connection, int member)
    {
        var parts = connection.Split('|');
        var ports = Ports(parts[1]);
        var members = ports.Select(static port => new DnsEndPoint(Host, port)).ToList();
        var options = new RaftOptions(members, members[member],
            Path.Combine(parts[0], string.Create(CultureInfo.InvariantCulture, $"member{member}")), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(10));
        if (parts.Length < 3) return options;
        var gates = Ports(parts[2]);
        return options with { Routes = members.Select(RaftOptions.Text).Zip(gates).ToDictionary(StringComparer.Ordinal) };
    }

    /// <summary>Becomes a member that stores and votes.</summary>
    public Task StartAsync() => TakenAsync(CancellationToken.None);

    public async Task<ILeaderTerm> CampaignAsync(string candidate, CancellationToken cancellationToken = default) =>
        await (await TakenAsync(cancellationToken)).Election.CampaignAsync(candidate, cancellationToken);

    public async ValueTask<IJournal> OpenAsync(string name, long? epoch = null, CancellationToken cancellationToken = default) =>
        await (await TakenAsync(cancellationToken)).Store.OpenAsync(name, epoch, cancellationToken);

    public async ValueTask<IJournalReader> OpenReaderAsync(string name, CancellationToken cancellationToken = default) =>
        await (await TakenAsync(cancellationToken)).Store.OpenReaderAsync(name, cancellationToken);

    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancellationToken = default) =>
        await (await TakenAsync(cancellationToken)).Store.ListAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        Slots.TryRemove(new KeyValuePair<string, RaftSlot>(connection, this));
        await _stop.CancelAsync();
        if (_taking is null) return;
        await ((Task)_taking).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_taking.IsCompletedSuccessfully) return;
        var (store, election) = await _taking;
        await election.DisposeAsync();
        await store.DisposeAsync();
    }

    private Task<(RaftJournalStore Store, RaftElection Election)> TakenAsync(CancellationToken cancellationToken)
    {
        lock (_lock) return (_taking ??= TakeAsync()).WaitAsync(cancellationToken);
    }

    private async Task<(RaftJournalStore Store, RaftElection Election)> TakeAsync()
    {
        for (var member = 0; ; member = (member + 1) % Members)
        {
            var raft = new RaftMember(OptionsOf(connection, member), new SparkConf(), TimeProvider.System, NullLogger.Instance);
            try
            {
                await raft.NodeAsync(_stop.Token);
                return (new RaftJournalStore(raft, ownsMember: true, AppendLimits.Default), new RaftElection(raft));
            }
            catch (SparkException e) when (e is not JournalCorruptException)
            {
                // Another process has this member, or its end still holds the port.
                await raft.DisposeAsync();
                await Task.Delay(Pause, _stop.Token);
            }
        }
    }

    private static List<int> Ports(string text) => [.. text.Split(',').Select(static port => int.Parse(port, CultureInfo.InvariantCulture))];
}
