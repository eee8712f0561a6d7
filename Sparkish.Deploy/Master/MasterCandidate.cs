using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Deploy.Recovery;
using Sparkish.Persistence;
using Sparkish.Rpc;

namespace Sparkish.Deploy.Master;

/// <summary>
/// Runs the endpoint <c>Master</c> of one node: a <see cref="StandbyMaster"/> until the node is elected, then a <see cref="Master"/> for its term. There is no
/// way back: a node whose term has ended does nothing more, and its process exits.
/// </summary>
/// <param name="options">The settings of the master.</param>
/// <param name="recovery">The journals.</param>
/// <param name="campaign">The election, which has begun.</param>
/// <param name="onLost">Called once with a reason when this node cannot lead any more.</param>
internal sealed class MasterCandidate(MasterOptions options, RecoveryMode recovery, Task<ILeaderTerm> campaign, Action<string> onLost) : RpcEndpoint
{
    public const string EndpointName = "master-candidate";

    // A store that is away for a while is tried again and again.
    private static readonly RestartLimit Restarts =
        new(int.MaxValue, TimeSpan.FromMinutes(1)) { MinBackoff = TimeSpan.FromMilliseconds(200), MaxBackoff = TimeSpan.FromSeconds(2) };

    private ILogger _log = NullLogger.Instance;
    private RpcEndpointRef? _standby;
    private RpcEndpointRef? _leader;
    private ILeaderTerm? _term;
    private CancellationTokenRegistration _atEnd;
    private bool _isOver;

    /// <summary>Registers the endpoints of a node. A node without rivals leads when this returns.</summary>
    public static void Start(RpcEnv env, MasterOptions options, RecoveryMode recovery, Task<ILeaderTerm> campaign, Action<string> onLost)
    {
        var candidate = new MasterCandidate(options, recovery, campaign, onLost);
        if (campaign.IsCompletedSuccessfully)
        {
            candidate._term = Blocking.Wait(campaign);
            candidate._leader = SetupLeader(env, options, recovery, candidate._term);
        }
        else
        {
            candidate._standby = env.SetupEndpoint(Master.EndpointName, new StandbyMaster());
        }

        env.SetupEndpoint(EndpointName, candidate);
    }

    public override void OnStart()
    {
        _log = Env.LoggerFactory.CreateLogger<Master>();
        if (_leader is not null)
        {
            Follow(_term!, _leader);
            return;
        }

        _log.StandsBy(Self.Address.ToSparkUrl());
        PipeToSelf(campaign, term => new Elected(term), error => new CampaignFailed(error));
    }

    public override void Receive(object message)
    {
        switch (message)
        {
            case Elected m: OnElected(m.Term); break;
            case CampaignFailed { Error: OperationCanceledException }: break; // the node stops
            case CampaignFailed m: End(m.Error.Message); break;
            case TermEnded: End("its term has ended"); break;
            case EndpointTerminated: End("its journal cannot be read or written, or another master has taken it over"); break;
            default: base.Receive(message); break;
        }
    }

    public override void OnStop() => _atEnd.Dispose();

    private void OnElected(ILeaderTerm term)
    {
        Env.Stop(_standby!);
        Follow(term, SetupLeader(Env, options, recovery, term));
    }

    private void Follow(ILeaderTerm term, RpcEndpointRef leader)
    {
        _leader = leader;
        Watch(leader);
        var self = Self;
        _atEnd = term.Ended.Register(() => self.Send(new TermEnded()));
    }

    private void End(string reason)
    {
        if (_isOver) return;
        _isOver = true;
        if (_leader is not null) Env.Stop(_leader);
        _log.LeadershipLost(Self.Address.ToSparkUrl(), reason);
        onLost(reason);
    }

    private static RpcEndpointRef SetupLeader(RpcEnv env, MasterOptions options, RecoveryMode recovery, ILeaderTerm term) =>
        env.SetupEndpoint(Master.EndpointName, () => new Master(options, term, recovery.Journals), Restarts);

    private sealed record Elected(ILeaderTerm Term);

    private sealed record CampaignFailed(Exception Error);

    private sealed record TermEnded;
}
