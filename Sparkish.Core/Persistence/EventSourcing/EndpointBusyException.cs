namespace Sparkish.Persistence.EventSourcing;

/// <summary>An event-sourced endpoint is recovering or waiting for its journal, and its queue of commands is full. Retry later.</summary>
public sealed class EndpointBusyException(string endpoint, int waiting)
    : SparkException(
        $"Endpoint '{endpoint}' waits for its journal, and {waiting} commands are queued already: retry later, or raise MaxWaiting.");
