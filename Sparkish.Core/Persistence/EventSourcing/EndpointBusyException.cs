namespace Sparkish.Persistence.EventSourcing;

/// <summary>An event-sourced endpoint recovers or waits for its journal, and as many commands wait for it as may. Ask again later.</summary>
public sealed class EndpointBusyException(string endpoint, int waiting)
    : SparkException(
        $"Endpoint '{endpoint}' waits for its journal, and {waiting} commands wait already: ask again later, or let more of them wait (MaxWaiting).");
