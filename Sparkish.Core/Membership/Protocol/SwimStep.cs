using Sparkish.Rpc;

namespace Sparkish.Membership.Protocol;

/// <summary>
/// The mutable context of one protocol step: the time, the randomness and numbers that it consumes, and the changes that its parts pass to each other. It lives
/// as long as the step; the parts themselves are values.
/// </summary>
internal sealed class SwimStep(SwimOptions options, TimeSpan now, SwimRandom random, long nextNumber, SwimEffects effects)
{
    private List<ViewChange> _changes = [];
    private List<Outgoing> _outgoing = [];

    public SwimOptions Options => options;

    public TimeSpan Now => now;

    /// <summary>The randomness that is left.</summary>
    public SwimRandom Random { get; private set; } = random;

    /// <summary>The number of the next question.</summary>
    public long NextNumber { get; private set; } = nextNumber;

    public int Next(int bound)
    {
        (var number, Random) = Random.Next(bound);
        return number;
    }

    public bool IsOneOf(int many) => Next(many) == 0;

    public long TakeNumber() => NextNumber++;

    /// <summary>Lets the driver publish a change.</summary>
    public void Raise(MemberEvent change) => effects.Raise(change);

    /// <summary>Lets the driver report that another process claims this node's address.</summary>
    public void Rival(Member rival) => effects.Rivals.Add(rival);

    /// <summary>Sends a message as it is.</summary>
    public void Send(RpcAddress to, IToMembership message) => _outgoing.Add(new Outgoing(to, message, CarriesNews: false));

    /// <summary>Sends a message with rumors appended.</summary>
    public void Carry(RpcAddress to, IToMembership message) => _outgoing.Add(new Outgoing(to, message, CarriesNews: true));

    /// <summary>Hands a change of the view to the parts that it concerns.</summary>
    public void Changed(ViewChange change) => _changes.Add(change);

    /// <summary>Takes the changes of the view since the last call, in order.</summary>
    public IReadOnlyList<ViewChange> TakeChanges() => Take(ref _changes);

    /// <summary>Takes the messages to send since the last call, in order.</summary>
    public IReadOnlyList<Outgoing> TakeOutgoing() => Take(ref _outgoing);

    /// <summary>Passes a message to the driver.</summary>
    public void Emit(RpcAddress to, IToMembership message) => effects.Send(to, message);

    private static List<T> Take<T>(ref List<T> list)
    {
        if (list.Count == 0) return list;
        var taken = list;
        list = [];
        return taken;
    }

    /// <param name="To">The receiver.</param>
    /// <param name="Message">The message.</param>
    /// <param name="CarriesNews">Whether gossip adds its rumors.</param>
    internal readonly record struct Outgoing(RpcAddress To, IToMembership Message, bool CarriesNews);
}
