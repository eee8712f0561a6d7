using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Dispatch;
using Akka.Event;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace Sparkish.Akka.Configuration;

/// <summary>Hands what Akka logs to the env's loggers.</summary>
internal sealed class AkkaLogger : UntypedActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
{
    private const string AssociationActors = "/endpointManager/";
    private const string Unreachable = "Tried to associate with unreachable remote address";

    private readonly ILoggerFactory? _loggers =
        Context.System.Settings.Setup.Get<AkkaLoggers>() is { HasValue: true, Value: var loggers } ? loggers.Factory : null;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case InitializeLogger: Sender.Tell(new LoggerInitialized()); break;
            case LogEvent m: OnLogEvent(m); break;
            default: Unhandled(message); break;
        }
    }

    private void OnLogEvent(LogEvent e)
    {
        var level = IsEndOfAssociation(e) ? LogLevel.Debug : e.LogLevel() switch
        {
            global::Akka.Event.LogLevel.ErrorLevel => LogLevel.Error,
            global::Akka.Event.LogLevel.WarningLevel => LogLevel.Warning,
            global::Akka.Event.LogLevel.InfoLevel => LogLevel.Information,
            _ => LogLevel.Debug,
        };
        if (_loggers?.CreateLogger("Akka") is { } log && log.IsEnabled(level)) log.AkkaLogged(level, e.Cause, e.LogSource, e.Message.ToString() ?? "");
    }

    /// <summary>
    /// Whether an association has ended or failed, which Akka warns of with a stack for every peer that stops in order. The transport reports what matters: the
    /// connections that are lost or cannot be opened.
    /// </summary>
    private static bool IsEndOfAssociation(LogEvent e) => e.LogSource.Contains(AssociationActors, StringComparison.Ordinal)
        ? e.Cause?.GetType().Name is "EndpointDisassociatedException" || e.LogClass?.Name is "ReliableDeliverySupervisor"
        : e.Message.ToString()?.StartsWith(Unreachable, StringComparison.Ordinal) is true;
}

/// <summary>Brings the env's loggers into its actor system.</summary>
internal sealed class AkkaLoggers(ILoggerFactory factory) : Setup
{
    public ILoggerFactory Factory => factory;
}
