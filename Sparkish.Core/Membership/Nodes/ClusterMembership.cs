using System.Collections.Frozen;
using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <summary>
/// An env's membership in the group of a cluster's nodes: the other nodes and their changes. It ends with the env, which then announces its departure, or with
/// <see cref="LeaveAsync"/>. <c>spark.membership.provider</c> names its <see cref="IMembershipProvider"/>. All members may be called from any thread; those of
/// a simulated env's only from the simulation's.
/// </summary>
/// <example><code>
/// await using var membership = ClusterMembership.Join(env, new MembershipOptions { Roles = ["worker"], Seeds = [seed] });
/// await membership.JoinedAsync();
/// membership.Subscribe(watcher); // gets a MembershipSnapshot, then MemberUp, MemberSuspected, MemberDown, MemberLeft
/// </code></example>
public sealed class ClusterMembership : IAsyncDisposable
{
    /// <summary>The name of the endpoint through which the nodes of a group communicate, if the provider is SWIM.</summary>
    public const string EndpointName = SwimEndpoint.EndpointName;

    private readonly MemberRegister _register;
    private readonly RpcEndpointRef _hub;
    private readonly IMembershipSession _session;

    private ClusterMembership(MemberRegister register, RpcEndpointRef hub, IMembershipSession session) =>
        (_register, _hub, _session) = (register, hub, session);

    /// <summary>The env that is a member.</summary>
    public RpcEnv Env => _hub.Env;

    /// <summary>
    /// The group as this node sees it now. It is replaced with each change: a subscriber that was notified of a change finds its
    /// <see cref="MemberEvent.Version"/> or a later one here.
    /// </summary>
    public MembershipSnapshot Current => _register.Members.Snapshot;

    /// <summary>Makes an env a member, and begins to look for other nodes.</summary>
    /// <exception cref="SparkException">The env does not listen, a setting is wrong, or roles and metadata are too long.</exception>
    /// <exception cref="InvalidOperationException">The env is a member already.</exception>
    public static ClusterMembership Join(RpcEnv env, MembershipOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        return Join(env, MembershipProviders.From(env.Conf), options);
    }

    /// <summary>Makes an env a member through a given provider instead of the one in the settings.</summary>
    /// <exception cref="SparkException">The env does not listen, a setting is wrong, or roles and metadata are too long.</exception>
    /// <exception cref="InvalidOperationException">The env is a member already.</exception>
    public static ClusterMembership Join(RpcEnv env, IMembershipProvider provider, MembershipOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(provider);
        options ??= new MembershipOptions();
        if (env.Address.Port == 0)
            throw new SparkException($"RpcEnv '{env.Name}' does not listen, so other nodes could not probe it: create it with Listen = true.");

        string[] roles = [.. options.Roles];
        var self = new Member(env.Address, env.Incarnation, env.Name, roles, Checked(env, roles, options.Metadata));
        RpcAddress[] seeds = [.. MembershipKeys.SeedsOf(env.Conf).Concat(options.Seeds).Distinct()];
        var register = new MemberRegister(env, self);
        var hub = SetupHub(env, register);
        register.Attach(hub);
        try
        {
            var session = provider.Join(env, self, seeds, register);
            register.Attach(session);
            return new ClusterMembership(register, hub, session);
        }
        catch
        {
            register.OnEnded();
            throw;
        }
    }

    /// <summary>
    /// Completes when another node has replied. Completes at once without seeds other than this node, and on a seed, which may be the first node of the group.
    /// A node without replies keeps trying.
    /// </summary>
    /// <exception cref="SparkException">The node left, or its env stopped, before.</exception>
    public Task JoinedAsync(CancellationToken cancellationToken = default) =>
        cancellationToken.CanBeCanceled ? _register.Joined.WaitAsync(cancellationToken) : _register.Joined;

    /// <summary>
    /// Notifies an endpoint of this env of the group. The endpoint first receives a <see cref="MembershipSnapshot"/>, then each change: <see cref="MemberUp"/>,
    /// <see cref="MemberSuspected"/>, <see cref="MemberDown"/> or <see cref="MemberLeft"/>, in order and without a gap in their versions. The members include
    /// this node itself. Subscribing twice notifies once; the subscription ends with <see cref="Unsubscribe"/>, the endpoint or the membership.
    /// </summary>
    /// <exception cref="ArgumentException">The endpoint belongs to another env, which has its own membership.</exception>
    public void Subscribe(RpcEndpointRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (subscriber.Address != Env.Address)
            throw new ArgumentException($"{subscriber} does not belong to RpcEnv '{Env.Name}': subscribe it in its own env.", nameof(subscriber));
        if (!_register.HasEnded) _hub.Send(new SubscribeToMembers(subscriber));
    }

    /// <summary>Cancels a <see cref="Subscribe"/>; messages already in the inbox are still delivered.</summary>
    public void Unsubscribe(RpcEndpointRef subscriber)
    {
        ArgumentNullException.ThrowIfNull(subscriber);
        if (!_register.HasEnded) _hub.Send(new UnsubscribeFromMembers(subscriber));
    }

    /// <summary>Changes the metadata of this node: other nodes, and subscribers here, get a <see cref="MemberUp"/> with it.</summary>
    /// <exception cref="SparkException">The metadata is too large, or the node has left.</exception>
    public async Task UpdateAsync(IReadOnlyDictionary<string, string> metadata)
    {
        ArgumentNullException.ThrowIfNull(metadata);
        var self = Current.Self;
        var told = Checked(Env, self.Roles, metadata);
        if (_register.HasEnded) throw new SparkException($"RpcEnv '{Env.Name}' has left the group: join again, with the metadata among the options.");
        await _session.UpdateAsync(self with { Metadata = told }).ConfigureAwait(false);
    }

    /// <summary>
    /// Leaves the group and notifies the other nodes (in a group of more than 500, that many of them, which notify the rest). Completes when they have
    /// confirmed, or after a second. Calling it twice is harmless; the env may join again afterwards.
    /// </summary>
    /// <param name="cancellationToken">Stops waiting, not leaving.</param>
    public async Task LeaveAsync(CancellationToken cancellationToken = default)
    {
        var leaving = _session.LeaveAsync();
        await (cancellationToken.CanBeCanceled ? leaving.WaitAsync(cancellationToken) : leaving).ConfigureAwait(false);
        _register.OnEnded();
    }

    /// <summary>Leaves, as <see cref="LeaveAsync"/> does.</summary>
    public async ValueTask DisposeAsync() => await LeaveAsync().ConfigureAwait(false);

    private static RpcEndpointRef SetupHub(RpcEnv env, MemberRegister register)
    {
        try
        {
            return env.SetupEndpoint(MembershipHub.EndpointName, new MembershipHub(register));
        }
        catch (ArgumentException error)
        {
            throw new InvalidOperationException($"RpcEnv '{env.Name}' is a member already: leave before joining again.", error);
        }
    }

    private static FrozenDictionary<string, string> Checked(RpcEnv env, IReadOnlyList<string> roles, IReadOnlyDictionary<string, string> metadata)
    {
        var chars = MemberRules.CharsOf(roles, metadata);
        if (chars > MemberRules.MaxMemberChars)
        {
            throw new SparkException(
                $"Roles and metadata of RpcEnv '{env.Name}' have {chars} characters but may have {MemberRules.MaxMemberChars}, since gossip repeats them. Shorten them, for example to the address of a service with the rest.");
        }

        return metadata.ToFrozenDictionary(StringComparer.Ordinal);
    }
}
