using System.Collections.Frozen;
using Sparkish.Membership.Protocol;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>
/// An env's membership in the group of a cluster's nodes: who else is there, and what becomes of them. Ends with the env, which then says good-bye, or by
/// <see cref="LeaveAsync"/>. All members may be called from any thread; those of a simulated env's only from the simulation's.
/// </summary>
/// <example><code>
/// await using var membership = ClusterMembership.Join(env, new MembershipOptions { Roles = ["worker"], Seeds = [seed] });
/// await membership.JoinedAsync();
/// membership.Subscribe(watcher); // gets a MembershipSnapshot, then MemberUp, MemberSuspected, MemberDown, MemberLeft
/// </code></example>
public sealed class ClusterMembership : IAsyncDisposable
{
    /// <summary>The name of the endpoint that the nodes of a group talk to.</summary>
    public const string EndpointName = "membership";

    private readonly MembershipView _view;
    private readonly RpcEndpointRef _endpoint;

    private ClusterMembership(MembershipView view, RpcEndpointRef endpoint)
    {
        _view = view;
        _endpoint = endpoint;
    }

    /// <summary>The env that is a member.</summary>
    public RpcEnv Env => _endpoint.Env;

    /// <summary>
    /// The group as this node sees it now. Another one after each change: a subscriber that was told of a change finds one of its
    /// <see cref="MemberEvent.Version"/> or a later one here.
    /// </summary>
    public MembershipSnapshot Current => _view.Current;

    /// <summary>Makes an env a member, and begins to look for the others.</summary>
    /// <exception cref="SparkException">The env does not listen, a setting is wrong, or the node tells too much of itself.</exception>
    /// <exception cref="InvalidOperationException">The env is a member already.</exception>
    public static ClusterMembership Join(RpcEnv env, MembershipOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        options ??= new MembershipOptions();
        if (env.Address.Port == 0)
            throw new SparkException($"RpcEnv '{env.Name}' does not listen, so nobody could ask whether it lives: make it with Listen = true.");

        var settings = SwimOptions.From(env.Conf);
        settings = settings with { Seeds = [.. settings.Seeds.Concat(options.Seeds).Distinct()] };
        string[] roles = [.. options.Roles];
        var self = new Member(env.Address, env.Incarnation, env.Name, roles, Checked(env, roles, options.Metadata));
        var view = new MembershipView(env, self);
        try
        {
            var hearing = env.SetupEndpoint(HearingTest.EndpointName, new HearingTest());
            return new ClusterMembership(view, env.SetupEndpoint(EndpointName, new MembershipEndpoint(settings, self, view, hearing)));
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"RpcEnv '{env.Name}' is a member already: leave before joining again.", error);
        }
    }

    /// <summary>
    /// Completes when another node has answered. At once where no seeds are given but this node, and on a seed, which may be the first node of all. A node
    /// that nobody answers keeps asking.
    /// </summary>
    /// <exception cref="SparkException">The node left, or its env stopped, before.</exception>
    public Task JoinedAsync(CancellationToken cancellationToken = default) => cancellationToken.CanBeCanceled ? _view.Joined.WaitAsync(cancellationToken) : _view.Joined;

    /// <summary>
    /// Tells an endpoint of this env of the group: first by a <see cref="MembershipSnapshot"/>, then by each change, <see cref="MemberUp"/>,
    /// <see cref="MemberSuspected"/>, <see cref="MemberDown"/> or <see cref="MemberLeft"/>, in order and without a gap in their versions. This node itself
    /// is among the members. Twice tells once; ends with <see cref="Unsubscribe"/> or the endpoint.
    /// </summary>
    /// <exception cref="ArgumentException">The endpoint lives in another env, which has a membership of its own.</exception>
    public void Subscribe(RpcEndpointRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (subscriber.Address != Env.Address) throw new ArgumentException($"{subscriber} does not live in RpcEnv '{Env.Name}': let it subscribe where it lives.", nameof(subscriber));
        _endpoint.Send(new SubscribeToMembers(subscriber));
    }

    /// <summary>Takes a <see cref="Subscribe"/> back; what is already in the inbox still comes.</summary>
    public void Unsubscribe(RpcEndpointRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        _endpoint.Send(new UnsubscribeFromMembers(subscriber));
    }

    /// <summary>Tells other metadata of this node from now on: the others, and subscribers here, get a <see cref="MemberUp"/> with it.</summary>
    /// <exception cref="SparkException">It is too much, or the node has left.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        await _endpoint.AskAsync<bool>(new UpdateMetadata(Checked(Env, Current.Self.Roles, metadata))).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves the group: the others are told (in a group of more than 500, so many of them, who tell the rest). Completes when they have heard it, or after a second. Twice is harmless; the env
    /// may join again afterwards.
    /// </summary>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            await _endpoint.AskAsync<bool>(new LeaveGroup(), timeout: null, cancellationToken).ConfigureAwait(false);
        }
        catch (SparkException error) when (error is EndpointNotFoundException or RpcEnvStoppedException)
        {
            // It has left already.
        }
    }

    /// <summary>Leaves, as <see cref="LeaveAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await LeaveAsync().ConfigureAwait(false);

    private static FrozenDictionary<string, string> Checked(RpcEnv env, IReadOnlyList<string> roles, IReadOnlyDictionary<string, string> metadata)
    {
        var chars = MemberRules.CharsOf(roles, metadata);
        if (chars > MemberRules.MaxMemberChars)
        {
            throw new SparkException(
                $"Roles and metadata of RpcEnv '{env.Name}' have {chars} characters but may have {MemberRules.MaxMemberChars}, since they travel with all news of it: tell less, such as where to ask for the rest.");
        }

        return metadata.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
