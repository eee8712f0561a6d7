namespace Sparkish.Membership.Nodes;

/// <content>
/// Whether this node can hear. Its own thread is not held up by others, but what peers send is read on the thread pool. Where that is so busy that an
/// endpoint of this very env does not come to answer, silence says nothing of others, and this node does not answer either: so it judges nobody, and says
/// unasked that it lives.
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
