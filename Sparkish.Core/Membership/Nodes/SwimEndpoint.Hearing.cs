namespace Sparkish.Membership.Nodes;

/// <content>
/// Detects whether this node can read messages. Its own thread is not delayed by others, but messages of peers are read on the thread pool. If the pool
/// is so busy that an endpoint of this env cannot reply, silence is no evidence against other nodes, and this node does not reply either. So it suspects no
/// node, and announces that it is alive.
/// </content>
internal sealed partial class SwimEndpoint
{
    private TimeSpan? _testedAt;
    private bool _isDeaf;

    private void OnHearingTested()
    {
        _testedAt = null;
        if (!_isDeaf) return;
        _isDeaf = false;
        _log.HearsAgain();
    }

    private bool HearsNothing()
    {
        if (_testedAt is not { } since)
        {
            _testedAt = Now;
            hearing.Send(new TestHearing(Self));
            return false;
        }

        if (Now - since < options.ProbeInterval) return false;
        if (!_isDeaf) _log.HearsNothing(Now - since);
        return _isDeaf = true;
    }
}
