namespace Sparkish.Rpc;

/// <summary>An error of something outside that takes time to come back, such as a store: restarting at once would only fail again.</summary>
internal interface IOutage
{
    /// <summary>The first pause before a restart, where the <see cref="RestartLimit"/> has a shorter one.</summary>
    TimeSpan MinBackoff { get; }
}
