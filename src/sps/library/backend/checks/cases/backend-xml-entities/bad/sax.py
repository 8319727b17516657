from xml.sax.handler import feature_external_ges


def reader(parser):
    parser.setFeature(feature_external_ges, True)
