using System.Globalization;
using System.Net;
using Sparkish.Deploy.Recovery.Raft;
using Sparkish.Persistence;

namespace Sparkish.Tests.Recovery.Raft;

/// <summary>Three members in this process, each with an address of the loopback network and a directory of its own.</summary>
internal sealed class RaftGroup : IAsyncDisposable
{
    private const int Port = 7979;
    private const int Members = 3;
    private static int _groups;

    private readonly TemporaryDirectory _directory = new();
    private readonly Host?[] _hosts = new Host?[Members];
    private readonly DnsEndPoint[] _addresses;
    private readonly TimeSpan _electionTimeout;

    public RaftGroup(double electionSeconds = 1)
    {
        _electionTimeout = TimeSpan.FromSeconds(electionSeconds);
        _addresses = NewAddresses();
        Conf = new SparkConf().Set("spark.authenticate.secret", "a secret of this group of members");
    }

    /// <summary>The settings of members that are started from now on.</summary>
    public SparkConf Conf { get; set; }

    /// <summary>The members that are on.</summary>
    public IEnumerable<Host> On => _hosts.OfType<Host>();

    public static async Task<RaftGroup> StartAsync(double electionSeconds = 1)
    {
        var group = new RaftGroup(electionSeconds);
        for (var i = 0; i < Members; i++) await group.StartAsync(i);
        return group;
    }

    /// <summary>Addresses that no other group of this machine uses.</summary>
    public static DnsEndPoint[] NewAddresses()
    {
        var group = Interlocked.Increment(ref _groups);
        return [.. Enumerable.Range(1, Members).Select(i => new DnsEndPoint(string.Create(CultureInfo.InvariantCulture,
            $"127.{1 + (Environment.ProcessId >> 7 & 127)}.{((Environment.ProcessId & 127) << 1) | (group >> 6 & 1)}.{((group & 63) << 2) | i}"), Port))];
    }

    public string DirectoryOf(int member) => _directory.File(string.Create(CultureInfo.InvariantCulture, $"member{member}"));

    public RaftOptions OptionsOf(int member) =>
        new(_addresses, _addresses[member], DirectoryOf(member), _electionTimeout, TimeSpan.FromSeconds(60));

    /// <summary>Starts a member, which stores and votes.</summary>
    public async Task<Host> StartAsync(int member, RaftOptions? options = null)
    {
        var log = new RecordingLog();
        var raft = new RaftMember(options ?? OptionsOf(member), Conf, TimeProvider.System, log);
        var host = _hosts[member] = new Host(raft, new RaftElection(raft), new RaftJournalStore(raft, ownsMember: true, AppendLimits.Default), log);
        await raft.NodeAsync(CancellationToken.None);
        return host;
    }

    /// <summary>Ends a member without resigning.</summary>
    public async Task StopAsync(int member)
    {
        if (_hosts[member] is not { } host) return;
        _hosts[member] = null;
        await host.Member.DisposeAsync();
        await host.Election.DisposeAsync();
        await host.Store.DisposeAsync();
    }

    public async Task StopAsync(Host host) => await StopAsync(Array.IndexOf(_hosts, host));

    public async ValueTask DisposeAsync()
    {
        for (var i = 0; i < Members; i++) await StopAsync(i);
        _directory.Dispose();
    }

    /// <summary>A member with what a master has of it.</summary>
    internal sealed record Host(RaftMember Member, RaftElection Election, RaftJournalStore Store, RecordingLog Log);
}
