using Sparkish.Rpc;

namespace Sparkish.Membership.Nodes;

/// <content>Accepts messages of this node's own group that are addressed to this process.</content>
internal sealed partial class SwimEndpoint
{
    /// <summary>Number of foreign groups and senders that are logged, one line each; further refusals are silent.</summary>
    private const int MostRefusalsLogged = 32;

    private readonly HashSet<(string Group, RpcAddress From)> _refused = [];

    private bool IsForThisNode(IToMembership message)
    {
        if (_swim.IsMeant(message)) return true;
        var group = message.Label.Group ?? "";
        var isOtherGroup = !string.Equals(group, options.Cluster, StringComparison.Ordinal);
        if (_refused.Count < MostRefusalsLogged && _refused.Add((group, message.From)))
        {
            if (isOtherGroup) _log.OtherGroupRefused(message.From, group, options.Cluster);
            else _log.OtherProcessMeant(message.From, self.Address);
        }

        // A node that joins through a seed of another group gets a message, which it refuses in turn.
        if (isOtherGroup && message is FullState { IsAnswer: false }) Send(message.From, new News(self.Address, []));
        return false;
    }

    /// <summary>Called when an address is this node's own under another name, such as localhost. A seed need not wait for others.</summary>
    private void OnOwnName(RpcAddress alias)
    {
        if (!_swim.Options.Seeds.Contains(alias)) return;
        _swim = _swim.WithoutSeed(alias);
        observer.OnJoined();
    }
}
