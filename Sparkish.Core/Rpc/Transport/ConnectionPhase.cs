namespace Sparkish.Rpc.Transport;

/// <summary>How far a <see cref="Connection"/> has come.</summary>
internal enum ConnectionPhase
{
    /// <summary>This env dials; the peer's own dialling would be as welcome.</summary>
    Dialling,

    /// <summary>This env has sent its proof: the peer may have accepted it already, so it can be given up only by the rule that both sides know.</summary>
    Committed,

    /// <summary>The peer's dialling makes it; its channel is about to be handed over.</summary>
    Promised,

    /// <summary>Frames go both ways.</summary>
    Open,

    /// <summary>It has ended, or could not be made.</summary>
    Closed,
}
