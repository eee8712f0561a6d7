namespace Sparkish.Rpc;

/// <summary>An error of an external system that takes time to recover, such as a store: an immediate restart would fail again.</summary>
internal interface IOutage
{
    /// <summary>The first pause before a restart, if that of the <see cref="RestartLimit"/> is shorter.</summary>
    TimeSpan MinBackoff { get; }
}
